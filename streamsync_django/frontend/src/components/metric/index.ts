export { default } from "./MetricComponent.vue";
