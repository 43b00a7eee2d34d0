import { expect, test } from "vitest";

import { Binary, type BlobSource, decodeValue, RemoteTable } from "../../core/values";
import { RemoteRows } from "./remoteRows";

const TOTAL = 1_000;

/** What a database's rows look like on the wire; the last `sort` turns them round. */
function json(query: URLSearchParams): string {
  const [offset, limit] = [Number(query.get("offset")), Number(query.get("limit"))];
  const places = Array.from({ length: Math.min(limit, TOTAL - offset) }, (_, row) => offset + row);
  const isSorted = query.has("sort");
  return JSON.stringify({
    columns: ["id", "city"],
    rows: places.map((place) => (isSorted ? [TOTAL - 1 - place, "x"] : [place, "Ærø"])),
    numbers: places.map((place) => (isSorted ? null : place)),
  });
}

const first = new TextEncoder().encode(json(new URLSearchParams({ offset: "0", limit: "200" })));
const source: BlobSource = {
  peek: () => first,
  fetch: () => Promise.resolve(first),
  address: () => "",
  remoteAddress: (digest, part = "") => Promise.resolve(`/blob/${digest}/${part}?s=signed`),
};

async function open(
  answer?: (query: URLSearchParams) => Response | null,
): Promise<{ rows: RemoteRows; asked: string[] }> {
  const table = decodeValue({ $: ["table", "application/json", "ab", first.length, TOTAL] }, source);
  if (!(table instanceof RemoteTable)) throw new Error("not a table");
  const asked: string[] = [];
  const rows = await RemoteRows.open(table, (address) => {
    asked.push(address);
    const query = new URL(address, "http://x").searchParams;
    const headers = { "Content-Type": "application/json", "X-Total": String(TOTAL) };
    return Promise.resolve(answer?.(query) ?? new Response(json(query), { headers }));
  });
  return { rows, asked };
}

const id = (rows: RemoteRows, place: number): unknown =>
  rows.data.columns[0]?.at(rows.pages.value.keyAt(place) ?? Number.NaN);

test("the marker of a large table has its first rows", async () => {
  const { rows, asked } = await open();
  expect(rows.table.first).toBeInstanceOf(Binary);
  expect([rows.data.rowCount, rows.pages.value.found, id(rows, 199), id(rows, 200)]).toEqual([
    TOTAL,
    TOTAL,
    199,
    undefined,
  ]);
  expect(rows.data.columns.map(({ name, kind }) => [name, kind])).toEqual([
    ["id", "number"],
    ["city", "text"],
  ]);
  expect(asked).toEqual([]);
});

test("other rows are fetched where the session may ask for them", async () => {
  const { rows, asked } = await open();
  await rows.show(500, 520);
  expect(asked).toEqual([
    "/blob/ab/rows/?s=signed&offset=400&limit=200",
    "/blob/ab/rows/?s=signed&offset=600&limit=200",
  ]);
  expect(id(rows, 510)).toBe(510);
});

test("the rows before stay until the answer to a new question is there", async () => {
  const { rows, asked } = await open();
  const filters = ['{"column":"id","from":1}', '{"column":"city","contains":"ø"}'];
  const question = { search: " ø ", sort: "id", isDescending: true, filters };
  const answered = rows.ask(question, 0, 20);
  expect(id(rows, 0)).toBe(0);
  await answered;
  expect(asked[0]).toContain("search=%C3%B8&sort=id&descending=1");
  expect(id(rows, 0)).toBe(TOTAL - 1);
  const download = new URL(await rows.downloadAddress(), "http://x").searchParams;
  expect([download.get("format"), download.get("search")]).toEqual(["csv", "ø"]);
  expect(download.getAll("filter")).toEqual(filters);
});

test("a newer question overtakes an older one", async () => {
  const { rows } = await open();
  const older = rows.ask({ search: "", sort: "id", isDescending: false, filters: [] }, 0, 20);
  const newer = rows.ask({ search: "x", sort: null, isDescending: false, filters: [] }, 0, 20);
  await Promise.all([older, newer]);
  expect(rows.question.search).toBe("x");
});

test("an instance on its way down is asked again, a refusal is not", async () => {
  let times = 0;
  const down = await open(() => (times++ === 0 ? new Response("", { status: 503 }) : null));
  await down.rows.show(500, 510);
  expect(id(down.rows, 505)).toBe(505);
  const gone = await open(() => new Response("", { status: 404 }));
  await expect(gone.rows.show(500, 510)).rejects.toMatchObject({ facts: { status: 404 } });
  expect(gone.asked).toHaveLength(2);
});

test("the server tells what a column can be filtered by", async () => {
  const facts = { kind: "text", choices: ["Ærø"], least: null, most: null };
  const { rows, asked } = await open(() => new Response(JSON.stringify(facts)));
  expect(await rows.facts("city & land")).toEqual(facts);
  expect(asked).toEqual(["/blob/ab/rows/?s=signed&facts=city+%26+land"]);
});
