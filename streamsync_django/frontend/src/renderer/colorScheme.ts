import type { ComponentHandle } from "../components/contract";
import { schemeOn, textOn, type Scheme } from "../components/parts/contrast";

/** Fields that paint what stands behind everything in a component. In a header, `emptinessColor` is its text. */
const BACKGROUNDS = ["containerBackgroundColor", "sidebarBackgroundColor"];
const PAGE_BACKGROUNDS = ["emptinessColor", ...BACKGROUNDS];

/** Fields that paint what stands behind a text of its own, and the variable of that text. */
const TEXT_VARIABLES: Readonly<Record<string, readonly [field: string, variable: string]>> = {
  accentColor: ["", "--ss-on-accent"],
  avatarBackgroundColor: ["avatarTextColor", "--avatarTextColor"],
  buttonColor: ["buttonTextColor", "--buttonTextColor"],
  popoverBackgroundColor: ["popoverColor", "--popoverColor"],
  selectedColor: ["chipTextColor", "--chipTextColor"],
};

/**
 * The scheme that suits the colours an author gave to a container. A layout made for white paper
 * would be unreadable with our dark texts on it, so where it sets a background everything inside
 * follows that, not the visitor's preference.
 */
export function authoredScheme(handle: ComponentHandle): Scheme | undefined {
  const isPage = handle.type === "root" || handle.type === "page";
  for (const field of isPage ? PAGE_BACKGROUNDS : BACKGROUNDS) {
    const scheme = handle.stored(field) ? schemeOn(handle.text(field)) : undefined;
    if (scheme) return scheme;
  }
  if (!isPage) return undefined;
  const text = handle.stored("primaryTextColor") ? schemeOn(handle.text("primaryTextColor")) : undefined;
  return text && (text === "light" ? "dark" : "light");
}

/** Variables of texts that an author left to us while choosing what stands behind them. */
export function readableTexts(handle: ComponentHandle): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [background, [field, variable]] of Object.entries(TEXT_VARIABLES)) {
    if (!handle.stored(background) || (field !== "" && handle.stored(field))) continue;
    const text = textOn(handle.text(background));
    if (text) variables[variable] = text;
  }
  return variables;
}
