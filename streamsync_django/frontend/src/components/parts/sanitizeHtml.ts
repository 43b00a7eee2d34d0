import { hideHandlers } from "./hideHandlers";

type Sanitize = (html: string) => string;

let loading: Promise<Sanitize> | undefined;

/**
 * Load the sanitiser when the first HTML arrives: state can flow into any mark-up, so no HTML
 * reaches the page without passing it. Style attributes stay, handlers and scripts do not.
 */
export function loadSanitizer(): Promise<Sanitize> {
  loading ??= import("dompurify").then(({ default: purifier }) => {
    const purify = purifier(window);
    // Where it does not work it would let everything pass: better no HTML at all.
    if (!purify.isSupported) return escapeHtml;
    purify.addHook("afterSanitizeAttributes", (node) => {
      if (node.getAttribute("target") === "_blank") node.setAttribute("rel", "noopener noreferrer");
    });
    return (html) =>
      purify.sanitize(hideHandlers(html), {
        ADD_ATTR: ["target"],
        FORBID_TAGS: ["style", "form", "base"],
        FORBID_ATTR: ["formaction", "srcdoc"],
      });
  });
  return loading;
}

function escapeHtml(html: string): string {
  return html.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
