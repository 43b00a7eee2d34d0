import type { Match } from "./matches";

/** Put marks around the matches in a page's words; what was marked before is plain again. */
export function markMatches(
  parts: readonly HTMLElement[],
  matches: readonly Match[],
  selected: number,
): void {
  const wanted = new Map<number, { from: number; to: number; isSelected: boolean }[]>();
  for (const [at, match] of matches.entries()) {
    for (const { part, from, to } of match) {
      const pieces = wanted.get(part) ?? [];
      pieces.push({ from, to, isSelected: at === selected });
      wanted.set(part, pieces);
    }
  }
  for (const [at, element] of parts.entries()) {
    const pieces = wanted.get(at);
    if (!pieces && element.querySelector("mark") === null) continue;
    const text = element.textContent;
    const nodes: (string | HTMLElement)[] = [];
    let end = 0;
    for (const { from, to, isSelected } of pieces ?? []) {
      const mark = document.createElement("mark");
      mark.textContent = text.slice(from, to);
      if (isSelected) mark.className = "is-selected";
      nodes.push(text.slice(end, from), mark);
      end = to;
    }
    element.replaceChildren(...nodes, text.slice(end));
  }
}
