import { safeAddress } from "../parts/safeAddress";

/** A style as a library takes it, and whose it is. */
export interface MapStyle {
  readonly isMapbox: boolean;
  /** An address, or the style itself. */
  readonly style: string | object;
}

/** Read the field: an address, JSON written in place, or a text that says why it is neither. */
export function readStyle(
  written: string,
  hasToken: boolean,
  resolveUrl: (address: string) => string,
): MapStyle | string {
  const style = written.trim();
  if (style.startsWith("{")) {
    try {
      return { isMapbox: hasToken, style: JSON.parse(style) as object };
    } catch {
      return "“Map style” is neither an address nor valid JSON.";
    }
  }
  if (style !== "" && !/^mapbox:/i.test(style) && safeAddress(style, "frame") === null) {
    return "“Map style” has a scheme that is not allowed for a map.";
  }
  const isMapbox = hasToken || style === "" || /^mapbox:/i.test(style);
  return { isMapbox, style: /^mapbox:/i.test(style) ? style : resolveUrl(style) };
}
