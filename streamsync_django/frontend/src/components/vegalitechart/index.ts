export { default } from "./VegaLiteChart.vue";
