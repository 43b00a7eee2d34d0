import { onScopeDispose, type ShallowRef, shallowRef, watch } from "vue";

import { RemoteTable } from "../../core/values";
import { readTable } from "./readTable";
import { RemoteRows } from "./remoteRows";
import { EMPTY_TABLE, type TableData } from "./table";

export interface LoadedTable {
  table: ShallowRef<TableData>;
  /** Where rows are fetched from as they are shown; null for a table that is here as a whole. */
  remote: ShallowRef<RemoteRows | null>;
  /** True until the first table is there; later ones replace it without a loading state. */
  isLoading: ShallowRef<boolean>;
  problem: ShallowRef<string | null>;
}

/**
 * Read the table again whenever its value changes; an older one that arrives late is dropped.
 * `prepare` gets a new remote table ready to take the place of the one before.
 */
export function useTableData(
  value: () => unknown,
  onLoad: () => void,
  prepare: (next: RemoteRows, before: RemoteRows | null) => Promise<void>,
): LoadedTable {
  const table = shallowRef(EMPTY_TABLE);
  const remote = shallowRef<RemoteRows | null>(null);
  const isLoading = shallowRef(true);
  const problem = shallowRef<string | null>(null);
  let newest = 0;

  async function read(current: unknown): Promise<[TableData, RemoteRows | null]> {
    if (!(current instanceof RemoteTable)) return [await readTable(current), null];
    const rows = await RemoteRows.open(current);
    await prepare(rows, remote.value);
    return [rows.data, rows];
  }

  watch(
    value,
    async (current) => {
      const mine = ++newest;
      try {
        const [data, rows] = await read(current);
        if (mine !== newest) {
          rows?.close();
          return;
        }
        remote.value?.close();
        remote.value = rows;
        table.value = data;
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
  onScopeDispose(() => remote.value?.close());
  return { table, remote, isLoading, problem };
}
