export { default } from "./DateInput.vue";
