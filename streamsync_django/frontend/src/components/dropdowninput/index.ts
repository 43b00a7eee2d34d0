export { default } from "./DropdownInput.vue";
