import type { ComponentHandle } from "../components/contract";
import { resolveColor } from "../components/parts/resolveColor";

/** Fields that paint what stands behind a component's content. In a header, `emptinessColor` is its text. */
const BACKGROUNDS = ["containerBackgroundColor", "sidebarBackgroundColor", "dataframeBackgroundColor"];
const PAGE_BACKGROUNDS = ["emptinessColor", ...BACKGROUNDS];
const OPAQUE_ENOUGH = 0.6;

/**
 * The scheme that suits the colours an author gave to a container. A layout made for white paper
 * would be unreadable with our dark texts on it, so where it sets a background everything inside
 * follows that, not the visitor's preference.
 */
export function authoredScheme(handle: ComponentHandle): "light" | "dark" | undefined {
  const isPage = handle.type === "root" || handle.type === "page";
  for (const field of isPage ? PAGE_BACKGROUNDS : BACKGROUNDS) {
    const lightness = handle.stored(field) ? lightnessOf(handle.text(field)) : undefined;
    if (lightness !== undefined) return lightness > 0.5 ? "light" : "dark";
  }
  if (!isPage) return undefined;
  const text = handle.stored("primaryTextColor") ? lightnessOf(handle.text("primaryTextColor")) : undefined;
  return text === undefined ? undefined : text > 0.5 ? "dark" : "light";
}

const known = new Map<string, number | undefined>();

function lightnessOf(color: string): number | undefined {
  if (color.includes("var(")) return undefined;
  if (!known.has(color)) {
    const rgba = resolveColor(color, document.body);
    const isDecisive = rgba !== null && rgba[3] >= OPAQUE_ENOUGH;
    known.set(color, isDecisive ? (0.2126 * rgba[0] + 0.7152 * rgba[1] + 0.0722 * rgba[2]) / 255 : undefined);
  }
  return known.get(color);
}
