export { default } from "./MultiselectInput.vue";
