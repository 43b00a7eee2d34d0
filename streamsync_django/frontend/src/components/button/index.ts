export { default } from "./PushButton.vue";
