export { default } from "./TabPanel.vue";
