export { default } from "./PaginationComponent.vue";
