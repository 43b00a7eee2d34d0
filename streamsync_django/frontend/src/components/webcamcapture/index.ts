export { default } from "./WebcamCapture.vue";
