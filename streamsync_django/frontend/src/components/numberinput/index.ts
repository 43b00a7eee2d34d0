export { default } from "./NumberInput.vue";
