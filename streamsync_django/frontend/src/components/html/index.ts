export { default } from "./HtmlElement.vue";
