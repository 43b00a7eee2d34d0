export { default } from "./StepPanel.vue";
