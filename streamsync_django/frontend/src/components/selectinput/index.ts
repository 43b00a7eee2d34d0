export { default } from "./SelectInput.vue";
