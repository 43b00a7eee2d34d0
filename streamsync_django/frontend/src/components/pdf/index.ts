export { default } from "./PdfViewer.vue";
