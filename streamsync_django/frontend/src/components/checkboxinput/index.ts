export { default } from "./CheckboxInput.vue";
