export { default } from "./ChatBot.vue";
