export { default } from "./DataFrame.vue";
