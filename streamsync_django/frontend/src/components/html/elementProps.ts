import { safeAddress } from "../parts/safeAddress";

/** Elements that run code, load other documents or reach out of their place. */
const FORBIDDEN_ELEMENTS = new Set(
  (
    "script style link meta base title head html body iframe frame frameset object embed applet " +
    "template noscript foreignobject animate set slot portal"
  ).split(" "),
);
const VOID_ELEMENTS = new Set("area br col hr img input source track wbr".split(" "));
const ELEMENT_NAME = /^[a-z][a-z0-9-]*$/;
const ATTRIBUTE_NAME = /^[a-zA-Z][a-zA-Z0-9-_:.]*$/;
const ADDRESS_ATTRIBUTES = new Set(
  "href src action poster background cite data xlink:href longdesc ping manifest".split(" "),
);
const FORBIDDEN_ATTRIBUTES = new Set(
  "srcdoc formaction srcset imagesrcset innerhtml outerhtml is".split(" "),
);

/** The element's name if it may be drawn, else null. */
export function safeElement(name: string): string | null {
  const lower = name.trim().toLowerCase();
  return ELEMENT_NAME.test(lower) && !FORBIDDEN_ELEMENTS.has(lower) ? lower : null;
}

export function isVoid(element: string): boolean {
  return VOID_ELEMENTS.has(element);
}

export interface ElementProps {
  /** Names carry `^`, so that Vue writes them as attributes and never as properties or listeners. */
  attributes: Record<string, string>;
  className: string | undefined;
  style: string | undefined;
}

/** Keep the attributes that cannot run anything. */
export function readAttributes(value: unknown): ElementProps {
  const props: ElementProps = { attributes: {}, className: undefined, style: undefined };
  for (const [name, text] of readScalars(value)) {
    const lower = name.toLowerCase();
    if (!ATTRIBUTE_NAME.test(name) || lower.startsWith("on") || FORBIDDEN_ATTRIBUTES.has(lower)) continue;
    if (lower === "class") props.className = text;
    else if (lower === "style") props.style = text;
    else if (!ADDRESS_ATTRIBUTES.has(lower)) props.attributes[`^${name}`] = text;
    else {
      const address = safeAddress(text, lower === "src" || lower === "poster" ? "image" : "link");
      if (address !== null) props.attributes[`^${name}`] = address;
    }
  }
  return props;
}

/** Keep what can be a style: names with plain values. */
export function readStyles(value: unknown): Record<string, string> {
  return Object.fromEntries(readScalars(value).filter(([name]) => /^-{0,2}[a-zA-Z][\w-]*$/.test(name)));
}

function readScalars(value: unknown): [string, string][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, part]: [string, unknown]): [string, string][] => {
    if (typeof part === "string" || typeof part === "number") return [[name, String(part)]];
    if (typeof part === "boolean") return part ? [[name, ""]] : [];
    return [];
  });
}
