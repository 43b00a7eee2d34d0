export { default } from "./TextInput.vue";
