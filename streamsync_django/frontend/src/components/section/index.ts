export { default } from "./PageSection.vue";
