export { default } from "./RootComponent.vue";
