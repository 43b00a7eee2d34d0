export { default } from "./SwitchInput.vue";
