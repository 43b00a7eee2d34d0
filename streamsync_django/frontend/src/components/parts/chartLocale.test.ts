import { expect, it } from "vitest";

import { readChartLocale } from "./chartLocale";

it("writes numbers and dates as the language does", () => {
  const german = readChartLocale("de");
  expect([german.decimal, german.thousands, german.date]).toEqual([",", ".", "%d.%m.%Y"]);
  expect([german.days[0], german.shortMonths[4], german.months[11]]).toEqual(["Sonntag", "Mai", "Dezember"]);
  const french = readChartLocale("fr");
  expect([french.decimal, french.thousands.trim(), french.date]).toEqual([",", "", "%d/%m/%Y"]);
  expect([french.days.at(-1), french.months[1]]).toEqual(["samedi", "février"]);
});

it("is what the libraries have themselves in English", () => {
  const { decimal, thousands, date, shortDays } = readChartLocale("en");
  expect([decimal, thousands, date]).toEqual([".", ",", "%m/%d/%Y"]);
  expect(shortDays).toEqual(["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]);
});

it("groups where a language groups from five digits on", () => {
  expect(readChartLocale("es").thousands).toBe(".");
});
