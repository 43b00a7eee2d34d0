export { default } from "./TagList.vue";
