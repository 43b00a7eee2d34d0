export { default } from "./PageColumn.vue";
