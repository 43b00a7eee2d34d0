export { default } from "./StatusMessage.vue";
