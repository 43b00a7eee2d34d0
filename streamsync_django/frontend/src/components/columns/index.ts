export { default } from "./ColumnContainer.vue";
