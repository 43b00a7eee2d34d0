export { default } from "./FrameComponent.vue";
