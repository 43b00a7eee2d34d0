import {
  computed,
  type ComputedRef,
  onBeforeUnmount,
  onMounted,
  type ShallowRef,
  shallowRef,
  watch,
} from "vue";

import { isCoarse } from "./coarse";
import { follow as followScroll, type RowWindow, rowsInView, rowWindow, settled } from "./rowWindow";

export const ROW_HEIGHT = isCoarse ? 44 : 36;
/** Rows of unknown height are all drawn up to this many; beyond it all have room for three lines. */
const MAX_WRAPPED_ROWS = 1000;
export const THREE_LINES_HEIGHT = 76;
/** When a reader is taken to have stopped scrolling. */
const SETTLED_MS = 300;
/** Moving the bar while the browser scrolls by itself (the End key) would stop it half-way. */
const TELLS_THE_END = typeof window !== "undefined" && "onscrollend" in window;

export interface RowWindowOptions {
  rowCount: () => number;
  isWrapped: () => boolean;
}

export interface RowView {
  range: ComputedRef<RowWindow>;
  inView: ComputedRef<{ from: number; to: number }>;
  /** Rows are as high as their texts; otherwise all are `rowHeight`. */
  drawsAll: ComputedRef<boolean>;
  rowHeight: ComputedRef<number>;
  follow(): void;
}

/** Follow the scrolling of a table: which rows to draw and which are seen. New data keeps the position. */
export function useRowWindow(
  viewport: Readonly<ShallowRef<HTMLElement | null>>,
  options: RowWindowOptions,
): RowView {
  const scrolling = shallowRef({ scrollTop: 0, shift: 0 });
  const height = shallowRef(ROW_HEIGHT * 10);
  const drawsAll = computed(() => options.isWrapped() && options.rowCount() <= MAX_WRAPPED_ROWS);
  const rowHeight = computed(() => (options.isWrapped() ? THREE_LINES_HEIGHT : ROW_HEIGHT));
  let timer = 0;

  function follow(): void {
    const element = viewport.value;
    if (!element) return;
    height.value = Math.max(ROW_HEIGHT, element.clientHeight - ROW_HEIGHT);
    scrolling.value = followScroll(
      scrolling.value,
      element.scrollTop,
      height.value,
      rowHeight.value,
      options.rowCount(),
    );
    window.clearTimeout(timer);
    if (!TELLS_THE_END) rest();
  }

  function rest(): void {
    window.clearTimeout(timer);
    if (scrolling.value.shift > 0) timer = window.setTimeout(settle, SETTLED_MS);
  }

  /** Small steps have left the bar behind the rows: put it right, now that nobody scrolls. */
  function settle(): void {
    const element = viewport.value;
    if (!element) return;
    const right = settled(scrolling.value, height.value, rowHeight.value, options.rowCount());
    if (Math.abs(right.scrollTop - element.scrollTop) < 1) return;
    scrolling.value = right;
    element.scrollTop = right.scrollTop;
  }

  const observer = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(follow);
  onMounted(follow);
  watch(viewport, (element, before) => {
    if (before) observer?.unobserve(before);
    before?.removeEventListener("scrollend", rest);
    if (element) observer?.observe(element);
    element?.addEventListener("scrollend", rest);
  });
  // The same place in the page is another row when there are more or fewer of them.
  watch([options.rowCount, rowHeight], follow, { flush: "post" });
  onBeforeUnmount(() => {
    observer?.disconnect();
    viewport.value?.removeEventListener("scrollend", rest);
    window.clearTimeout(timer);
  });

  return {
    range: computed(() => {
      const rowCount = options.rowCount();
      if (drawsAll.value) return { first: 0, last: rowCount, before: 0, after: 0 };
      const { scrollTop, shift } = scrolling.value;
      return rowWindow(scrollTop, height.value, rowHeight.value, rowCount, 8, shift);
    }),
    inView: computed(() => {
      const rowCount = options.rowCount();
      if (drawsAll.value) return { from: Math.min(1, rowCount), to: rowCount };
      const { scrollTop, shift } = scrolling.value;
      return rowsInView(scrollTop + shift, height.value, rowHeight.value, rowCount);
    }),
    drawsAll,
    rowHeight,
    follow,
  };
}
