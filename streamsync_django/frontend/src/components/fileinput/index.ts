export { default } from "./FileInput.vue";
