type Row = Record<string, string>;

/**
 * Read CSV and the like. The reader that comes with the library compiles a function per table, which a strict
 * Content-Security-Policy forbids.
 */
export function readSeparated(text: string, delimiter: string, header?: readonly string[]): Row[] {
  const rows = readRows(text, delimiter);
  const names = header ?? rows.shift() ?? [];
  return rows.map((cells) => Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ""])));
}

/** Cells may be quoted; a quoted one holds anything, a doubled quote being one. Blank lines are none. */
function readRows(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell = "";
    if (text[at] === '"') {
      for (at += 1; at < text.length; at++) {
        if (text[at] !== '"') cell += text.charAt(at);
        else if (text[at + 1] === '"') cell += text.charAt(at++);
        else break;
      }
      at += 1;
    }
    const start = at;
    while (at < text.length && text[at] !== delimiter && text[at] !== "\n" && text[at] !== "\r") at += 1;
    row.push(cell + text.slice(start, at));
    if (text[at] === delimiter) {
      at += 1;
      if (at < text.length) continue;
      row.push("");
    }
    if (text[at] === "\r" && text[at + 1] === "\n") at += 1;
    at += 1;
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  }
  return rows;
}
