export { default } from "./PlotlyGraph.vue";
