import {
  computed,
  type ComputedRef,
  onBeforeUnmount,
  onMounted,
  type ShallowRef,
  shallowRef,
  watch,
} from "vue";

import { type RowWindow, rowsInView, rowWindow } from "./rowWindow";

export const ROW_HEIGHT = 36;
/** Rows of unknown height are all drawn up to this many; beyond it they are drawn on one line. */
const MAX_WRAPPED_ROWS = 1000;

export interface RowWindowOptions {
  rowCount(): number;
  isFixedHeight(): boolean;
}

/** Follow the scrolling of a table: which rows to draw and which are seen. New data keeps the position. */
export function useRowWindow(
  viewport: Readonly<ShallowRef<HTMLElement | null>>,
  options: RowWindowOptions,
): { range: ComputedRef<RowWindow>; inView: ComputedRef<{ from: number; to: number }>; follow(): void } {
  const scrollTop = shallowRef(0);
  const height = shallowRef(ROW_HEIGHT * 10);
  const drawsAll = computed(() => !options.isFixedHeight() && options.rowCount() <= MAX_WRAPPED_ROWS);

  function follow(): void {
    if (!viewport.value) return;
    scrollTop.value = viewport.value.scrollTop;
    height.value = Math.max(ROW_HEIGHT, viewport.value.clientHeight - ROW_HEIGHT);
  }

  const observer = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(follow);
  onMounted(follow);
  watch(viewport, (element, before) => {
    if (before) observer?.unobserve(before);
    if (element) observer?.observe(element);
  });
  onBeforeUnmount(() => observer?.disconnect());

  return {
    range: computed(() => {
      const rowCount = options.rowCount();
      if (drawsAll.value) return { first: 0, last: rowCount, before: 0, after: 0 };
      return rowWindow(scrollTop.value, height.value, ROW_HEIGHT, rowCount);
    }),
    inView: computed(() => {
      const rowCount = options.rowCount();
      if (drawsAll.value) return { from: Math.min(1, rowCount), to: rowCount };
      return rowsInView(scrollTop.value, height.value, ROW_HEIGHT, rowCount);
    }),
    follow,
  };
}
