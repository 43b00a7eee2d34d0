export { default } from "./LineSeparator.vue";
