export { default } from "./RadioInput.vue";
