export { default } from "./GoogleMap.vue";
