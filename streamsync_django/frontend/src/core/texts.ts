/**
 * What the page itself says to visitors: renderer and components read it here and nowhere else.
 *
 * What only developers see (what is wrong with a field) is English, as are Python's errors and logs.
 * `{name}` is filled in by `fill`. Translations are files in `languages/`, loaded before anything is drawn.
 */
import { english } from "./languages/en";

/** Another language has the same keys. */
export type Texts = Mutable<typeof english>;
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends string ? string : Mutable<T[Key]> };

/** The texts in the page's language. */
export const texts: Texts = structuredClone(english);

/** The languages there are beside English. */
export const languages: Readonly<Record<string, () => Promise<Texts>>> = {
  de: async () => (await import("./languages/de")).german,
  fr: async () => (await import("./languages/fr")).french,
};

/** Django's active language: numbers, dates and the order of words follow it, also where no texts of ours do. */
export let locale = "en";

let number = new Intl.NumberFormat(locale);
let percentage = new Intl.NumberFormat(locale, { style: "percent" });

/** Change to the language of a locale (`de`, `de-at`); one that there is not leaves the texts English. */
export async function speak(wanted: string): Promise<void> {
  locale = wanted;
  number = new Intl.NumberFormat(locale);
  percentage = new Intl.NumberFormat(locale, { style: "percent" });
  const load = languages[locale.toLowerCase().split(/[-_]/)[0] ?? ""];
  try {
    if (load) Object.assign(texts, await load());
  } catch {
    // An English page is better than none.
  }
}

/** Write a number as the page's language does. */
export function writeNumber(value: number): string {
  return number.format(value);
}

/** Write a share of one in whole percents. */
export function writePercentage(share: number): string {
  return percentage.format(share);
}

/** Put values in the places of their names. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name] ?? place;
    return typeof value === "number" ? writeNumber(value) : value;
  });
}
