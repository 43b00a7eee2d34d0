import { computed, type ComputedRef, onScopeDispose, type ShallowRef, shallowRef, watch } from "vue";

import { StreamsyncError } from "../../core/errors";
import { texts } from "../../core/texts";
import {
  asksForNothing,
  type ColumnFacts,
  type ColumnFilter,
  factsOf,
  type Filters,
  NO_FILTER,
  wireOf,
} from "./filters";
import { EVERYTHING, isNarrowed, type Question, type RemoteRows } from "./remoteRows";
import { nextSort, orderRows, type Sort } from "./rowOrder";
import type { TableData } from "./table";

const TYPING_MS = 250;
/** While the bar is dragged, what only flies by is not fetched. */
const FLYING_MS = 60;
/** How many rows are fetched to begin with. */
const SCREEN_ROWS = 40;

export interface RowsOptions {
  table: ComputedRef<TableData>;
  remote: Readonly<ShallowRef<RemoteRows | null>>;
  hasSearch: () => boolean;
  /** Whether the server can be reached. */
  isLive: () => boolean;
  /** A new question has been asked: its answer is read from the top. */
  onAsk: () => void;
}

export interface OrderedRows {
  search: ShallowRef<string>;
  sort: ShallowRef<Sort | null>;
  filters: ShallowRef<Filters>;
  /** How many rows pass filters and search. */
  count: ComputedRef<number>;
  /** The rows at these places; null for those that are still on their way. */
  at(from: number, to: number): (number | null)[];
  /** See to it that these rows will be there. */
  show(from: number, to: number): void;
  /** The server sorts or searches. */
  isAsking: ShallowRef<boolean>;
  /** What went wrong with rows that the server has. */
  failure: ShallowRef<string | null>;
  retry(): void;
  sortBy(column: number): void;
  /** The filter of a column; one that asks for nothing where it has none. */
  filterOf(column: number): ColumnFilter;
  filterBy(column: number, filter: ColumnFilter): void;
  /** Find out what a column can be filtered by. */
  facts(column: number): Promise<ColumnFacts>;
  /** Let all rows pass; asks for nothing where they do already. */
  unfilter(): void;
  /** Show all rows as they come. */
  clear(): void;
  /** Resolves once they are shown. */
  cleared(): Promise<void>;
  /** Get a new table ready: the same search and sort, the same place. */
  prepare(next: RemoteRows, before: RemoteRows | null): Promise<void>;
}

/** The rows the visitor wants, in order: filtered, searched and sorted here, or by the server where they are. */
export function useRows({ table, remote, hasSearch, isLive, onAsk }: RowsOptions): OrderedRows {
  const search = shallowRef("");
  const sort = shallowRef<Sort | null>(null);
  const filters = shallowRef<Filters>(new Map());
  const isAsking = shallowRef(false);
  const failure = shallowRef<string | null>(null);
  const needle = computed(() => (hasSearch() ? search.value : ""));
  const here = computed(() =>
    remote.value ? [] : orderRows(table.value, needle.value, sort.value, filters.value),
  );
  let seen = { from: 0, to: SCREEN_ROWS };
  let typing = 0;
  let flying = 0;

  /** Rows added here come after those of the server, where all rows are shown. */
  const added = computed(() => {
    const rows = remote.value;
    return rows && !isNarrowed(rows.question) ? table.value.rowCount - rows.data.rowCount : 0;
  });
  const count = computed(() => {
    const pages = remote.value?.pages.value;
    return pages ? pages.found + added.value : here.value.length;
  });

  function at(from: number, to: number): (number | null)[] {
    const rows = remote.value;
    if (!rows) return here.value.slice(from, to);
    const pages = rows.pages.value;
    return Array.from({ length: Math.max(0, Math.min(to, count.value) - from) }, (_, offset) => {
      const place = from + offset;
      return place < pages.found ? (pages.keyAt(place) ?? null) : rows.data.rowCount + place - pages.found;
    });
  }

  function show(from: number, to: number): void {
    seen = { from, to };
    const rows = remote.value;
    if (!rows || !at(from, to).includes(null)) {
      void rows?.show(from, to).catch(() => undefined); // ahead of time: nobody misses it yet
      return;
    }
    window.clearTimeout(flying);
    flying = window.setTimeout(() => void attempt(() => rows.show(seen.from, seen.to)), FLYING_MS);
  }

  async function attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action();
      failure.value = null;
    } catch (error) {
      const isGone = error instanceof StreamsyncError && error.facts["status"] === 404;
      failure.value = isGone ? texts.rowsGone : texts.rowsNotLoaded;
    }
  }

  function questionOf(): Question {
    const column = sort.value ? table.value.columns[sort.value.column] : undefined;
    return {
      search: needle.value.trim(),
      sort: column?.name ?? null,
      isDescending: sort.value?.direction === "descending",
      filters: [...filters.value].map(([name, filter]) => wireOf(name, filter)),
    };
  }

  async function ask(): Promise<void> {
    const rows = remote.value;
    if (!rows) return;
    isAsking.value = true;
    await attempt(async () => {
      await rows.ask(questionOf(), 0, SCREEN_ROWS);
      onAsk();
    });
    isAsking.value = false;
  }

  /** Ask again for what is missing: an answer, or rows of the last one. */
  async function retry(): Promise<void> {
    const rows = remote.value;
    if (!rows) return;
    if (isSame(rows.question, questionOf())) await attempt(() => rows.show(seen.from, seen.to));
    else await ask();
  }

  function unfilter(): void {
    if (filters.value.size > 0) filters.value = new Map();
  }

  watch([needle, filters], () => {
    if (!remote.value) {
      onAsk();
      return;
    }
    window.clearTimeout(typing);
    typing = window.setTimeout(() => void ask(), TYPING_MS);
  });
  watch(sort, () => void ask());
  watch(isLive, (now) => {
    if (now && failure.value !== null) void retry();
  });
  onScopeDispose(() => {
    window.clearTimeout(typing);
    window.clearTimeout(flying);
  });

  return {
    search,
    sort,
    filters,
    count,
    at,
    show,
    isAsking,
    failure,
    retry: () => void retry(),
    sortBy(column) {
      sort.value = nextSort(sort.value, column);
    },
    filterOf: (column) => filters.value.get(table.value.columns[column]?.name ?? "") ?? NO_FILTER,
    filterBy(column, filter) {
      const name = table.value.columns[column]?.name;
      if (name === undefined) return;
      const changed = new Map(filters.value);
      if (asksForNothing(filter)) changed.delete(name);
      else changed.set(name, filter);
      filters.value = changed;
    },
    async facts(at) {
      const column = table.value.columns[at];
      if (!column) return { kind: "other", choices: null, least: null, most: null };
      return remote.value ? remote.value.facts(column.name) : factsOf(column, table.value.rowCount);
    },
    unfilter,
    clear() {
      search.value = "";
      sort.value = null;
      unfilter();
    },
    async cleared() {
      window.clearTimeout(typing);
      const question = remote.value?.question;
      if (question && !isEverything(question)) await ask();
    },
    async prepare(next, before) {
      const hasSameColumns = before && namesOf(before.data) === namesOf(next.data);
      const question =
        hasSameColumns || !before ? questionOf() : { ...EVERYTHING, search: needle.value.trim() };
      const isAnswered = hasSameColumns && isSame(question, before.question);
      const { from, to } = isAnswered ? seen : { from: 0, to: SCREEN_ROWS };
      if (!isEverything(question)) await next.ask(question, from, to);
      else if (next.pages.value.keyAt(from) === undefined) await next.show(from, to);
      if (hasSameColumns && !isAnswered) onAsk();
    },
  };
}

function isEverything(question: Question): boolean {
  return !isNarrowed(question) && question.sort === null;
}

function isSame(one: Question, other: Question): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What must be the same for a sort and filters to be about the same columns. */
export function namesOf(table: TableData): string {
  return table.columns.map((column) => column.name).join("\u0000");
}
