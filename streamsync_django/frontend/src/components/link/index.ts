export { default } from "./PageLink.vue";
