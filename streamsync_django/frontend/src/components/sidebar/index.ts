export { default } from "./PageSidebar.vue";
