import { type Column, tableFromIPC } from "@uwdata/flechette";

import { plainText } from "./cellText";
import { isUnnamedIndex, makeIndexLabel, readIndexParts } from "./pandasIndex";
import { type TableColumn, type TableData, guessKind, kindOf } from "./table";

/** Decode an Arrow IPC stream or file. Import this when the first one comes: the decoder is large. */
export function tableFromArrow(bytes: Uint8Array): TableData {
  const table = tableFromIPC(bytes, { useBigInt: true, useDate: true });
  const parts = readIndexParts(table.schema.metadata?.get("pandas"));
  const indexNames = new Set(parts.flatMap((part) => ("column" in part ? [part.column] : [])));
  const columns = table.schema.fields.map((field, at): TableColumn => {
    const read = readCells(table.getChildAt(at));
    return {
      name: field.name,
      kind: guessKind(read, table.numRows),
      hidden: isUnnamedIndex(field.name) && indexNames.has(field.name),
      isIndex: indexNames.has(field.name),
      at: read,
    };
  });
  return {
    columns,
    rowCount: table.numRows,
    indexLabel: makeIndexLabel(parts, columns, plainText),
    indexParts: parts,
  };
}

/** 64-bit integers become numbers wherever a number is exact; structs and lists become plain values. */
function readCells(column: Column<unknown>): (row: number) => unknown {
  return (row) => {
    const value = column.at(row);
    if (typeof value === "bigint") {
      return value >= MIN_SAFE && value <= MAX_SAFE ? Number(value) : value;
    }
    return kindOf(value) === "object" && value !== null ? readObject(value) : value;
  };
}

function readObject(value: unknown): unknown {
  const toJson = (value as { toJSON?: unknown }).toJSON;
  return typeof toJson === "function" ? (toJson.call(value) as unknown) : value;
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const MIN_SAFE = -MAX_SAFE;
