export { default } from "./SingleIcon.vue";
