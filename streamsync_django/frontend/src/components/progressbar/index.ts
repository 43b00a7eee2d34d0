export { default } from "./ProgressBar.vue";
