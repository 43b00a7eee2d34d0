export { default } from "./RepeaterComponent.vue";
