export { default } from "./SliderInput.vue";
