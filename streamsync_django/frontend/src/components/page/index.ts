export { default } from "./PageComponent.vue";
