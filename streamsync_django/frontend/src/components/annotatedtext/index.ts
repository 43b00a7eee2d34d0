export { default } from "./AnnotatedText.vue";
