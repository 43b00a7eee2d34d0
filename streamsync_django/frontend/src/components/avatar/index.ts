export { default } from "./AvatarComponent.vue";
