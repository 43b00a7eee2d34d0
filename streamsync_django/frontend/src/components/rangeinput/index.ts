export { default } from "./RangeInput.vue";
