export { default } from "./TimeInput.vue";
