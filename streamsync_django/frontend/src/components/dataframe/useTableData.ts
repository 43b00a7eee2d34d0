import { type ShallowRef, shallowRef, watch } from "vue";

import { readTable } from "./readTable";
import { EMPTY_TABLE, type TableData } from "./table";

export interface LoadedTable {
  table: ShallowRef<TableData>;
  /** True until the first table is there; later ones replace it without a loading state. */
  isLoading: ShallowRef<boolean>;
  problem: ShallowRef<string | null>;
}

/** Read the table again whenever its value changes; an older one that arrives late is dropped. */
export function useTableData(value: () => unknown, onLoad: () => void): LoadedTable {
  const table = shallowRef(EMPTY_TABLE);
  const isLoading = shallowRef(true);
  const problem = shallowRef<string | null>(null);
  let newest = 0;

  watch(
    value,
    async (current) => {
      const mine = ++newest;
      try {
        const read = await readTable(current);
        if (mine !== newest) return;
        table.value = read;
        problem.value = null;
        onLoad();
      } catch (error) {
        if (mine !== newest) return;
        problem.value = error instanceof Error ? error.message : String(error);
      }
      isLoading.value = false;
    },
    { immediate: true },
  );
  return { table, isLoading, problem };
}
