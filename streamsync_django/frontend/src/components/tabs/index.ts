export { default } from "./TabContainer.vue";
