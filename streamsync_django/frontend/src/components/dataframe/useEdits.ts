import { computed, type ComputedRef, type ShallowRef, shallowRef, triggerRef } from "vue";

import { useComponent } from "../contract";
import { texts } from "../../core/texts";
import { type DataRecord, emptyRecord, toWire, withEdits } from "./records";
import type { TableData } from "./table";

export interface Edits {
  /** The table with what was changed and added here over it. */
  table: ComputedRef<TableData>;
  canAct: ComputedRef<boolean>;
  update(row: number, change: DataRecord, record: DataRecord): void;
  add(): void;
  act(action: string, row: number): void;
  /** New data has arrived: it holds what was accepted. */
  forget(): void;
}

/** Change the browser's copy at once, then tell the server; what it refuses is taken back. */
export function useEdits(source: Readonly<ShallowRef<TableData>>): Edits {
  const { emit, handles, application } = useComponent();
  const changed = shallowRef(new Map<number, DataRecord>());
  const added = shallowRef<DataRecord[]>([]);

  const table = computed(() => withEdits(source.value, new Map(changed.value), [...added.value]));

  function update(row: number, change: DataRecord, record: DataRecord): void {
    const isAdded = row >= source.value.rowCount;
    const at = row - source.value.rowCount;
    const before = isAdded ? added.value[at] : changed.value.get(row);
    put(row, { ...before, ...change });
    void emit("ss-dataframe-update", { record, record_index: row }).then(({ ok, status }) => {
      if (ok || status === "unsent") return;
      put(row, before ?? {});
      refuse(texts.changeNotSaved);
    });
  }

  function put(row: number, record: DataRecord): void {
    if (row < source.value.rowCount) {
      changed.value.set(row, record);
      triggerRef(changed);
    } else {
      added.value = added.value.with(row - source.value.rowCount, record);
    }
  }

  function add(): void {
    const record = emptyRecord(table.value);
    const index = table.value.rowCount;
    added.value = [...added.value, record];
    const payload = Object.fromEntries(Object.entries(record).map(([name, value]) => [name, toWire(value)]));
    void emit("ss-dataframe-add", { record: payload, record_index: index }).then(({ ok, status }) => {
      if (ok || status === "unsent") return;
      added.value = added.value.filter((candidate) => candidate !== record);
      refuse(texts.rowNotAdded);
    });
  }

  function refuse(title: string): void {
    application.notify({ kind: "error", title, message: texts.tableAsBefore });
  }

  return {
    table,
    canAct: computed(() => handles("ss-dataframe-action")),
    update,
    add,
    act: (action, row) => void emit("ss-dataframe-action", { action, record_index: row }),
    forget() {
      if (changed.value.size > 0) changed.value = new Map();
      if (added.value.length > 0) added.value = [];
    },
  };
}
