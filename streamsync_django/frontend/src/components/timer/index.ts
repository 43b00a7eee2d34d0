export { default } from "./TimerComponent.vue";
