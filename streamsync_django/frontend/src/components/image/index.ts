export { default } from "./ImageComponent.vue";
