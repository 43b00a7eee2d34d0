export { default } from "./JsonViewer.vue";
