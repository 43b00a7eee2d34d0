import { onBeforeUnmount, onMounted, type ShallowRef, shallowRef } from "vue";

import { resolveColor, toCssRgba } from "./resolveColor";

/** Colours of the page that a chart takes over, in a notation that chart libraries read. */
export interface FigureTheme {
  text: string;
  faintText: string;
  grid: string;
  line: string;
  surface: string;
  fontFamily: string;
  palette: readonly string[];
}

/** Eight colours that stay apart for colour-blind readers, on light and on dark. */
const PALETTE = ["#4c6ef5", "#e8890c", "#12a594", "#d6409f", "#8e6bd1", "#3a9bdc", "#b5722e", "#7f8ea3"];

/** Read the page's colours where the chart stands, and again when the colour scheme changes. */
export function useFigureTheme(element: Readonly<ShallowRef<HTMLElement | null>>): {
  theme: ShallowRef<FigureTheme | null>;
} {
  const theme = shallowRef<FigureTheme | null>(null);
  const scheme = window.matchMedia("(prefers-color-scheme: dark)");
  let observer: MutationObserver | undefined;

  function read(): void {
    if (element.value) theme.value = readTheme(element.value);
  }

  onMounted(() => {
    read();
    scheme.addEventListener("change", read);
    observer = new MutationObserver(read);
    const application = element.value?.closest(".streamsync");
    for (const node of [document.documentElement, document.body, application]) {
      if (node)
        observer.observe(node, {
          attributes: true,
          attributeFilter: ["class", "style", "data-scheme", "data-theme"],
        });
    }
  });
  onBeforeUnmount(() => {
    scheme.removeEventListener("change", read);
    observer?.disconnect();
  });
  return { theme };
}

function readTheme(element: HTMLElement): FigureTheme {
  const color = (css: string, fallback: string): string => {
    const found = resolveColor(css, element);
    return found ? toCssRgba(found) : fallback;
  };
  const styles = getComputedStyle(element);
  return {
    text: color("var(--primaryTextColor)", "#202430"),
    faintText: color("var(--secondaryTextColor)", "#666c7a"),
    grid: color("color-mix(in oklch, var(--primaryTextColor) 11%, transparent)", "#e4e7ed"),
    line: color("var(--separatorColor)", "#e4e7ed"),
    surface: color("var(--containerBackgroundColor)", "#ffffff"),
    fontFamily: styles.fontFamily || "system-ui, sans-serif",
    palette: PALETTE.map((fallback, at) => color(`var(--ss-chart-${at + 1}, ${fallback})`, fallback)),
  };
}
