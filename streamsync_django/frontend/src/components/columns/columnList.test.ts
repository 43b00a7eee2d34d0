import { expect, test } from "vitest";
import { computed, ref } from "vue";

import { createColumnList, type ColumnEntry } from "./columnList";

test("a column knows whether one that stays open stands before it", () => {
  const row = document.createElement("div");
  const list = createColumnList();
  const isMiddleCollapsible = ref(false);
  const columns = [computed(() => true), isMiddleCollapsible, computed(() => true)].map(
    (isCollapsible): ColumnEntry => {
      const element = row.appendChild(document.createElement("div"));
      return { isCollapsible: computed(() => isCollapsible.value), element: () => element };
    },
  );
  // Columns of a repeater come later than those behind it: the document's order counts, not theirs.
  for (const column of columns.toReversed()) list.add(column);
  const goesForward = computed(() => columns.map((column) => list.hasFixedBefore(column)));

  expect(goesForward.value).toEqual([false, false, true]);
  isMiddleCollapsible.value = true;
  expect(goesForward.value).toEqual([false, false, false]);
  isMiddleCollapsible.value = false;
  list.remove(columns[1]!);
  expect(goesForward.value).toEqual([false, false, false]);
});
