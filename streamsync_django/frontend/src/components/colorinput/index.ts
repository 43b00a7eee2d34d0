export { default } from "./ColorInput.vue";
