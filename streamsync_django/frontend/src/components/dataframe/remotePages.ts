import type { RemotePage } from "./remotePage";

export const PAGE_ROWS = 200;
/** Pages kept around what was last seen. */
export const MAX_PAGES = 20;
/** Rows fetched ahead on both sides of what is in view. */
const MARGIN = 100;

export interface PageAnswer extends RemotePage {
  /** How many rows answer the question. */
  total: number;
}

export type FetchPage = (offset: number, limit: number, signal: AbortSignal) => Promise<PageAnswer>;

interface Cell {
  page: PageAnswer;
  at: number;
}

/** The rows that answer one question, as far as they have been fetched. */
export class RemotePages {
  /** How many rows there are; known once the first page is. */
  found = 0;
  private readonly fetchPage: FetchPage;
  private readonly pages = new Map<number, PageAnswer>();
  private readonly loading = new Map<number, { done: Promise<void>; abort: AbortController }>();
  private readonly cells = new Map<number, Cell>();

  constructor(fetchPage: FetchPage) {
    this.fetchPage = fetchPage;
  }

  /** Take in what came with the table itself. It may be fewer rows than a page has. */
  begin(first: PageAnswer): void {
    this.found = first.total;
    if (first.table.rowCount === Math.min(PAGE_ROWS, first.total)) this.keep(0, first, new Set([0]));
  }

  /** The key of the row at a place: its number in the table, below zero where it has none; undefined until fetched. */
  keyAt(place: number): number | undefined {
    const page = this.pages.get(Math.floor(place / PAGE_ROWS));
    const at = place % PAGE_ROWS;
    return page && at < page.numbers.length ? (page.numbers[at] ?? -1 - place) : undefined;
  }

  cell(key: number): Cell | undefined {
    return this.cells.get(key);
  }

  /** Fetch what is missing around these places, and give up what is no longer wanted. */
  async load(from: number, to: number): Promise<void> {
    const wanted = this.pagesAround(from, to);
    for (const [number, { abort }] of this.loading) if (!wanted.has(number)) abort.abort();
    const missing = [...wanted].filter((number) => !this.pages.has(number));
    await Promise.all(missing.map((number) => this.loading.get(number)?.done ?? this.fetch(number, wanted)));
  }

  /** Stop fetching: nobody looks any more. */
  close(): void {
    for (const { abort } of this.loading.values()) abort.abort();
  }

  get kept(): number {
    return this.pages.size;
  }

  private pagesAround(from: number, to: number): Set<number> {
    const last = Math.max(0, Math.ceil(this.found / PAGE_ROWS) - 1);
    const first = Math.min(last, Math.floor(Math.max(0, from - MARGIN) / PAGE_ROWS));
    const end = Math.min(last, Math.floor(Math.max(0, to + MARGIN - 1) / PAGE_ROWS));
    return new Set(Array.from({ length: Math.max(0, end - first) + 1 }, (_, at) => first + at));
  }

  private fetch(number: number, wanted: Set<number>): Promise<void> {
    const abort = new AbortController();
    const done = this.fetchPage(number * PAGE_ROWS, PAGE_ROWS, abort.signal)
      .then((page) => {
        this.found = page.total;
        this.keep(number, page, wanted);
      })
      .catch((error: unknown) => {
        if (!abort.signal.aborted) throw error;
      })
      .finally(() => this.loading.delete(number));
    this.loading.set(number, { done, abort });
    return done;
  }

  private keep(number: number, page: PageAnswer, wanted: ReadonlySet<number>): void {
    this.pages.delete(number);
    this.pages.set(number, page);
    page.numbers.forEach((own, at) => this.cells.set(own ?? -1 - (number * PAGE_ROWS + at), { page, at }));
    for (const old of this.pages.keys()) {
      if (this.pages.size <= MAX_PAGES) break;
      if (!wanted.has(old)) this.drop(old);
    }
  }

  private drop(number: number): void {
    const page = this.pages.get(number);
    page?.numbers.forEach((own, at) => {
      const key = own ?? -1 - (number * PAGE_ROWS + at);
      if (this.cells.get(key)?.page === page) this.cells.delete(key);
    });
    this.pages.delete(number);
  }
}
