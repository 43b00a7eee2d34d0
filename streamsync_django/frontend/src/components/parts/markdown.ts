import { loadSanitizer } from "./sanitizeHtml";

/** Turn Markdown into sanitised HTML; parser and sanitiser are loaded when first needed. */
export async function renderMarkdown(text: string): Promise<string> {
  const [{ marked }, sanitize] = await Promise.all([import("marked"), loadSanitizer()]);
  return sanitize(marked.parse(text, { async: false, gfm: true, breaks: true }));
}
