export { default } from "./MapboxMap.vue";
