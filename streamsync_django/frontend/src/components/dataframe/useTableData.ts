import { onScopeDispose, type ShallowRef, shallowRef, watch } from "vue";

import { RemoteTable } from "../../core/values";
import { readTable, UnreadableTable } from "./readTable";
import { RemoteRows } from "./remoteRows";
import { EMPTY_TABLE, type TableData } from "./table";

export interface LoadedTable {
  table: ShallowRef<TableData>;
  /** Where rows are fetched from as they are shown; null for a table that is here as a whole. */
  remote: ShallowRef<RemoteRows | null>;
  /** True until the first table is there; later ones replace it without a loading state. */
  isLoading: ShallowRef<boolean>;
  /** What is wrong with the value. */
  problem: ShallowRef<string | null>;
  /** The newest table could not be fetched; what is shown is the one before, if there was one. */
  isMissing: ShallowRef<boolean>;
  retry: () => void;
}

export interface TableDataOptions {
  value: () => unknown;
  onLoad: () => void;
  /** Get a new remote table ready to take the place of the one before. */
  prepare: (next: RemoteRows, before: RemoteRows | null) => Promise<void>;
  /** Whether the server can be reached: once it can again, what is missing is fetched. */
  isLive: () => boolean;
}

/** Read the table again whenever its value changes; an older one that arrives late is dropped. */
export function useTableData({ value, onLoad, prepare, isLive }: TableDataOptions): LoadedTable {
  const table = shallowRef(EMPTY_TABLE);
  const remote = shallowRef<RemoteRows | null>(null);
  const isLoading = shallowRef(true);
  const problem = shallowRef<string | null>(null);
  const isMissing = shallowRef(false);
  let newest = 0;

  async function read(current: unknown): Promise<[TableData, RemoteRows | null]> {
    if (!(current instanceof RemoteTable)) return [await readTable(current), null];
    const rows = await RemoteRows.open(current);
    await prepare(rows, remote.value);
    return [rows.data, rows];
  }

  async function take(current: unknown): Promise<void> {
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
      isMissing.value = false;
      isLoading.value = false;
      onLoad();
    } catch (error) {
      if (mine !== newest) return;
      const isUnreadable = error instanceof UnreadableTable;
      isMissing.value = !isUnreadable;
      if (!isUnreadable) return;
      problem.value = error.message;
      isLoading.value = false;
    }
  }

  function retry(): void {
    if (isMissing.value) void take(value());
  }

  watch(value, take, { immediate: true });
  watch(isLive, (now) => {
    if (now) retry();
  });
  onScopeDispose(() => remote.value?.close());
  return { table, remote, isLoading, problem, isMissing, retry };
}
