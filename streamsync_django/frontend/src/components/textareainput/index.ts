export { default } from "./TextareaInput.vue";
