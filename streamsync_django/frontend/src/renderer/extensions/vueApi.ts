import {
  computed,
  defineComponent,
  Fragment,
  h,
  inject,
  nextTick,
  onBeforeUnmount,
  onMounted,
  onUnmounted,
  provide,
  reactive,
  ref,
  shallowReactive,
  shallowRef,
  toRef,
  watch,
  watchEffect,
} from "vue";

import {
  clickPayload,
  ComponentChild,
  keydownPayload,
  RepeatedChildren,
  SlotChildren,
  useComponent,
  useInput,
} from "../../components/contract";

/**
 * What `setup(api)` of an extension gets. It is the page's own Vue: a second one would not see its components. Chosen
 * names rather than all of Vue, because what stands here is part of the page's first load.
 */
export const vueApi = {
  vue: {
    computed,
    defineComponent,
    Fragment,
    h,
    inject,
    nextTick,
    onBeforeUnmount,
    onMounted,
    onUnmounted,
    provide,
    reactive,
    ref,
    shallowReactive,
    shallowRef,
    toRef,
    watch,
    watchEffect,
  },
  clickPayload,
  ComponentChild,
  keydownPayload,
  RepeatedChildren,
  SlotChildren,
  useComponent,
  useInput,
} as const;
