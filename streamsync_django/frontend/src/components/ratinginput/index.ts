export { default } from "./RatingInput.vue";
