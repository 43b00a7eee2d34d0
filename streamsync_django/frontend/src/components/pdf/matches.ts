/** The parts of a page's text, in reading order; `endsLine` stands for a blank in searches. */
export interface TextPart {
  readonly text: string;
  readonly endsLine: boolean;
}

/** Where a searched text stands: characters of one part, several pieces if it runs over parts. */
export interface Piece {
  readonly part: number;
  readonly from: number;
  readonly to: number;
}

export type Match = readonly Piece[];

/** The texts in a `highlights` field: a list of texts; null when it is none. */
export function readHighlights(value: unknown): string[] | null {
  if (value === null || value === undefined || value === "") return [];
  if (!Array.isArray(value)) return null;
  const texts: string[] = [];
  for (const item of value as unknown[]) {
    if (typeof item !== "string" && typeof item !== "number") return null;
    if (String(item).trim() !== "") texts.push(String(item));
  }
  return texts;
}

/** Find texts on a page in any case, inside words and across lines; in reading order, none inside another. */
export function findMatches(parts: readonly TextPart[], texts: readonly string[]): Match[] {
  const { page, places } = joinParts(parts);
  const found: (readonly [from: number, to: number])[] = [];
  for (const text of texts) {
    const wanted = fold(text.trim().replace(/\s+/g, " "));
    if (wanted === "") continue;
    for (let at = page.indexOf(wanted); at >= 0; at = page.indexOf(wanted, at + wanted.length)) {
      found.push([at, at + wanted.length]);
    }
  }
  found.sort(([a, aTo], [b, bTo]) => a - b || bTo - aTo);
  const matches: Match[] = [];
  let end = 0;
  for (const [from, to] of found) {
    if (from < end) continue;
    matches.push(piecesOf(places.slice(from, to)));
    end = to;
  }
  return matches;
}

type Place = readonly [part: number, at: number] | null;

/** The page as one searchable text, and where each of its characters comes from. */
function joinParts(parts: readonly TextPart[]): { page: string; places: Place[] } {
  let page = "";
  const places: Place[] = [];
  for (const [part, { text, endsLine }] of parts.entries()) {
    for (let at = 0; at < text.length; at++) {
      const character = fold(text.charAt(at));
      const isBlank = /\s/.test(character);
      if (isBlank && page.endsWith(" ")) continue;
      page += isBlank ? " " : character;
      places.push([part, at]);
    }
    if (endsLine && page !== "" && !page.endsWith(" ")) {
      page += " ";
      places.push(null);
    }
  }
  return { page, places };
}

function piecesOf(places: readonly Place[]): Piece[] {
  const pieces: Piece[] = [];
  for (const place of places) {
    if (!place) continue;
    const [part, at] = place;
    const last = pieces.at(-1);
    if (last?.part === part) pieces[pieces.length - 1] = { ...last, to: at + 1 };
    else pieces.push({ part, from: at, to: at + 1 });
  }
  return pieces;
}

/** One character stays one, so that places can be counted: `İ` in lower case are two. */
function fold(text: string): string {
  return Array.from({ length: text.length }, (_, at) => {
    const lower = text.charAt(at).toLowerCase();
    return lower.length === 1 ? lower : text.charAt(at);
  }).join("");
}
