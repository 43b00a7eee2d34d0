import type { ColumnKind } from "./table";

export type CellFormat = (value: unknown, kind: ColumnKind) => string;

/** Make the function that writes cells in the reader's language; formatters are made once. */
export function makeCellFormat(locale: string): CellFormat {
  const number = makeNumberFormat(locale);
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
  const moment = new Intl.DateTimeFormat(locale, {
    dateStyle: "medium",
    timeStyle: "medium",
    timeZone: "UTC",
  });
  return (value, kind) => {
    if (value === null || value === undefined) return "";
    if (kind === "number" && (typeof value === "number" || typeof value === "bigint")) return number(value);
    if (value instanceof Date) {
      if (Number.isNaN(value.getTime())) return "";
      return value.getTime() % 86_400_000 === 0 ? day.format(value) : moment.format(value);
    }
    return plainText(value);
  };
}

/** The text of a value as search, CSV and the index use it: no grouping, ISO dates. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) return "";
    const text = value.toISOString();
    return text.endsWith("T00:00:00.000Z") ? text.slice(0, 10) : text.replace(".000Z", "Z");
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return `[${Array.from(value as unknown as ArrayLike<unknown>, plainText).join(", ")}]`;
  }
  if (typeof value === "object") return JSON.stringify(value, replaceUnsafe);
  return typeof value === "string" ? value : `${value as number | bigint | boolean}`;
}

function replaceUnsafe(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** Years and codes stay readable: integers of up to four digits are not grouped. */
function makeNumberFormat(locale: string): (value: number | bigint) => string {
  const grouped = new Intl.NumberFormat(locale, { maximumFractionDigits: 6 });
  const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 6, useGrouping: false });
  const tiny = new Intl.NumberFormat(locale, { maximumSignificantDigits: 6 });
  return (value) => {
    if (typeof value === "number") {
      if (Number.isNaN(value)) return "";
      if (value !== 0 && Math.abs(value) < 1e-4) return tiny.format(value);
      if (!Number.isInteger(value)) return grouped.format(value);
    }
    return value < 10_000 && value > -10_000 ? plain.format(value) : grouped.format(value);
  };
}
