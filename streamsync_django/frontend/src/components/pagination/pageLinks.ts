export type PageLink = number | "gap";

/** Which page numbers to offer when `page` of `pages` is open; gaps stand for the pages left out. */
export function pageLinks(page: number, pages: number): PageLink[] {
  if (pages <= 7) return range(1, pages);
  if (page <= 2 || page >= pages - 1) return [1, 2, 3, "gap", pages - 2, pages - 1, pages];
  if (page === 3) return [1, 2, 3, 4, "gap", pages - 1, pages];
  if (page === 4) return [1, 2, 3, 4, 5, "gap", pages];
  if (page === pages - 2) return [1, 2, "gap", pages - 3, pages - 2, pages - 1, pages];
  return [1, "gap", page - 1, page, page + 1, "gap", pages];
}

/** Read `10, 20, 50`: positive whole numbers, each once; anything else is left out. */
export function parsePageSizes(text: string): number[] {
  const sizes = text
    .split(",")
    .map((part) => Number(part.trim()))
    .filter((size) => Number.isInteger(size) && size > 0);
  return [...new Set(sizes)];
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
}
