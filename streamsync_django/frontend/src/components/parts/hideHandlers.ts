/** A tag's beginning and its attributes; a `<` outside of quotes ends it, so the search never goes over the same text twice. */
const TAG = /<[a-z](?:[^<>"']|"[^"]*"|'[^']*')*/gi;
/** What may stand before an attribute, and the attribute if it is a handler. */
const ATTRIBUTE = /("[^"]*"|'[^']*'|[\s/])(on[a-z]+\s*=)?/gi;

/**
 * Rename inline handlers to something the sanitiser drops.
 *
 * It would drop them anyway, and none would run; but it has to parse them first, and a browser with a strict
 * policy reports each as a violation. What this misses is reported, nothing worse.
 */
export function hideHandlers(html: string): string {
  return html.replace(TAG, (tag) =>
    tag.replace(ATTRIBUTE, (_, before: string, handler: string | undefined) =>
      handler === undefined ? before : `${before}x-${handler}`,
    ),
  );
}
