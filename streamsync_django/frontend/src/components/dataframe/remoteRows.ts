import { type ShallowRef, shallowRef, triggerRef } from "vue";

import { StreamsyncError } from "../../core/errors";
import type { RemoteTable } from "../../core/values";
import { plainText } from "./cellText";
import { makeIndexLabel } from "./pandasIndex";
import { readPage, type RemotePage } from "./remotePage";
import type { ColumnFacts } from "./filters";
import { type FetchPage, RemotePages } from "./remotePages";
import type { TableData } from "./table";

/** What a visitor searched for, filtered and sorted by. */
export interface Question {
  search: string;
  sort: string | null;
  isDescending: boolean;
  /** One for each filtered column, as the server reads them. */
  filters: readonly string[];
}

export const EVERYTHING: Question = { search: "", sort: null, isDescending: false, filters: [] };

/** Whether only some of the rows are asked for. */
export function isNarrowed({ search, filters }: Question): boolean {
  return search.trim() !== "" || filters.length > 0;
}

export type FetchRows = (address: string, options: { signal: AbortSignal }) => Promise<Response>;

const ATTEMPTS = 4;
const FIRST_DELAY_MS = 300;
/** How long the server may look through a column. */
const FACTS_MS = 30_000;

/** A large table as the component uses it: rows by place, cells by the row's number, both once they are fetched. */
export class RemoteRows {
  readonly table: RemoteTable;
  readonly data: TableData;
  /** Triggers whenever other rows can be read. */
  readonly pages: ShallowRef<RemotePages>;
  question: Question = EVERYTHING;
  private readonly fetchRows: FetchRows;
  private newest = 0;

  constructor(table: RemoteTable, first: RemotePage, fetchRows: FetchRows = (...given) => fetch(...given)) {
    this.table = table;
    this.fetchRows = fetchRows;
    this.pages = shallowRef(new RemotePages(this.fetcher(EVERYTHING)));
    this.pages.value.begin({ ...first, total: table.rowCount });
    const columns = first.table.columns.map((column, place) => ({
      ...column,
      at: (key: number): unknown => {
        const cell = this.pages.value.cell(key);
        if (cell) return cell.page.table.columns[place]?.at(cell.at);
        // The first rows stay at hand: they tell how wide columns are.
        return key >= 0 && key < first.table.rowCount ? column.at(key) : undefined;
      },
    }));
    const label = makeIndexLabel(first.table.indexParts ?? [], columns, plainText);
    this.data = {
      columns,
      rowCount: table.rowCount,
      indexLabel: (key) => (key < 0 ? String(-1 - key) : label(key)),
      atHand: first.table.rowCount,
      indexParts: first.table.indexParts ?? [],
    };
  }

  /** Read the first rows, which came with the table. */
  static async open(table: RemoteTable, fetchRows?: FetchRows): Promise<RemoteRows> {
    return new RemoteRows(table, await readPage(table.first.mime, await table.first.bytes()), fetchRows);
  }

  /** Fetch rows that are about to be seen. */
  async show(from: number, to: number): Promise<void> {
    const pages = this.pages.value;
    await pages.load(from, to);
    if (pages === this.pages.value) triggerRef(this.pages);
  }

  /** Sort and search. What is shown stays until the rows at these places are there; a newer question overtakes. */
  async ask(question: Question, from: number, to: number): Promise<void> {
    const mine = ++this.newest;
    const pages = new RemotePages(this.fetcher(question));
    pages.found = to; // until the server says how many there are
    await pages.load(from, to);
    if (mine !== this.newest) return;
    if (from >= pages.found) await pages.load(Math.max(0, pages.found - (to - from)), pages.found);
    this.pages.value.close();
    this.question = question;
    this.pages.value = pages;
  }

  /** Ask the server what a column can be filtered by. */
  async facts(column: string): Promise<ColumnFacts> {
    const address = await this.table.address(new URLSearchParams({ facts: column }));
    const response = await this.get(address, AbortSignal.timeout(FACTS_MS));
    return (await response.json()) as ColumnFacts;
  }

  /** Where all rows that answer the question are downloaded. */
  downloadAddress(): Promise<string> {
    return this.table.address(queryOf(this.question, { format: "csv" }));
  }

  close(): void {
    this.newest += 1;
    this.pages.value.close();
  }

  private fetcher(question: Question): FetchPage {
    return async (offset, limit, signal) => {
      const query = queryOf(question, { offset: String(offset), limit: String(limit) });
      const response = await this.get(await this.table.address(query), signal);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const page = await readPage(response.headers.get("Content-Type") ?? "", bytes);
      return { ...page, total: Number(response.headers.get("X-Total")) };
    };
  }

  /** Ask again where the network, or an instance on its way down, failed; what the server refuses stays refused. */
  private async get(address: string, signal: AbortSignal): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.fetchRows(address, { signal }).catch((error: unknown) => {
        if (signal.aborted || attempt === ATTEMPTS) throw error;
        return null;
      });
      if (response?.ok) return response;
      if (response && (response.status < 502 || attempt === ATTEMPTS)) {
        throw new StreamsyncError("table.refused", { status: response.status }, "network");
      }
      await new Promise((resolve) => setTimeout(resolve, FIRST_DELAY_MS * 2 ** (attempt - 1)));
    }
  }
}

function queryOf(question: Question, more: Record<string, string>): URLSearchParams {
  const query = new URLSearchParams(more);
  if (question.search.trim()) query.set("search", question.search.trim());
  if (question.sort !== null) query.set("sort", question.sort);
  if (question.isDescending) query.set("descending", "1");
  for (const filter of question.filters) query.append("filter", filter);
  return query;
}
