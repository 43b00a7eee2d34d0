export { default } from "./TextBlock.vue";
