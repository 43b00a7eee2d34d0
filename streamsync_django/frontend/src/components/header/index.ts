export { default } from "./PageHeader.vue";
