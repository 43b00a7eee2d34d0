import { locale } from "../../core/texts";

export interface Option {
  key: string;
  label: string;
}

/** Read the options of a choice (`{key: label}`); lists of texts serve as well; null for anything else. */
export function readOptions(value: unknown): Option[] | null {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) {
    const texts = value.map(plainScalar);
    return texts.every((text) => text !== null) ? texts.map((text) => ({ key: text, label: text })) : null;
  }
  if (typeof value !== "object") return null;
  return Object.entries(value).map(([key, label]: [string, unknown]) => ({
    key,
    label: plainScalar(label) ?? JSON.stringify(label),
  }));
}

export function plainScalar(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint"
    ? String(value)
    : null;
}

/** The chosen keys among those that exist. */
export function readChosen(bound: unknown, options: readonly Option[]): string[] {
  const chosen = Array.isArray(bound) ? bound.map(plainScalar) : [];
  const known = new Set(options.map((option) => option.key));
  return [...new Set(chosen)].filter((key): key is string => key !== null && known.has(key));
}

/** Options whose label holds what was typed, whatever its case. */
export function findOptions(options: readonly Option[], search: string): Option[] {
  const needle = search.trim().toLocaleLowerCase(locale);
  return needle === ""
    ? [...options]
    : options.filter(({ label }) => label.toLocaleLowerCase(locale).includes(needle));
}

export const WRONG_OPTIONS = "“Options” must be an object of values and labels.";
