export { default } from "./ReuseComponent.vue";
