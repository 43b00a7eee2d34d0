export { default } from "./HorizontalStack.vue";
