export { default } from "./VideoPlayer.vue";
