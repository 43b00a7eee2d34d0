export { default } from "./StepContainer.vue";
