import { afterEach, describe, expect, it } from "vitest";

import { english } from "./languages/en";
import { fill, languages, speak, texts, writePercentage } from "./texts";

afterEach(async () => {
  await speak("en");
  Object.assign(texts, english);
});

type Nested = { readonly [key: string]: string | Nested };

function flat(nested: Nested, above = ""): Record<string, string> {
  return Object.fromEntries(
    Object.entries(nested).flatMap(([key, value]) =>
      typeof value === "string" ? [[above + key, value]] : Object.entries(flat(value, `${above}${key}.`)),
    ),
  );
}

const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

describe.each(Object.keys(languages))("the texts in %s", (language) => {
  it("are complete, and name what English names", async () => {
    const translated = flat((await languages[language]?.()) as Nested);
    const original = flat(english);
    expect(Object.keys(translated)).toEqual(Object.keys(original));
    for (const [key, text] of Object.entries(original)) {
      expect(translated[key]?.trim(), key).toBeTruthy();
      expect(places(translated[key] ?? ""), key).toEqual(places(text));
    }
  });
});

describe("the language", () => {
  it("is that of the locale, with or without a country", async () => {
    await speak("de-at");
    expect(texts.close).toBe("Schließen");
    await speak("fr");
    expect(texts.endings.gone.title).toBe("Cette session est terminée");
  });

  it("stays English where there is no other", async () => {
    await speak("tlh");
    expect(texts.close).toBe("Close");
  });
});

describe("filling a text", () => {
  it("puts values in, and leaves what nobody gave", () => {
    expect(fill("{a} of {b}", { a: 3 })).toBe("3 of {b}");
  });

  it("writes numbers as the language does, also where the texts stay English", async () => {
    expect(fill("{count} more", { count: 12_034 })).toBe("12,034 more");
    await speak("it");
    expect([fill(texts.moreOf, { count: 12_034 }), writePercentage(0.4)]).toEqual(["12.034 more…", "40%"]);
    await speak("de");
    expect(writePercentage(0.4)).toBe("40\u00a0%");
  });
});
