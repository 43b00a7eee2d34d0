/** How charts write numbers and dates, in the notation of D3 that Plotly and Vega share. */
export interface ChartLocale {
  decimal: string;
  thousands: string;
  grouping: number[];
  currency: [before: string, after: string];
  dateTime: string;
  date: string;
  time: string;
  periods: [morning: string, evening: string];
  days: string[];
  shortDays: string[];
  months: string[];
  shortMonths: string[];
}

const DIRECTIVES: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {
  day: "%d",
  month: "%m",
  year: "%Y",
};
/** A Sunday, as in D3 the week begins with one. */
const SUNDAY = 4;

/** Ask Intl how a language writes numbers and dates. */
export function readChartLocale(locale: string): ChartLocale {
  // Five digits: some languages group no fewer.
  const parts = new Intl.NumberFormat(locale, { numberingSystem: "latn" }).formatToParts(12345.6);
  const separator = (type: Intl.NumberFormatPartTypes, usual: string): string =>
    parts.find((part) => part.type === type)?.value ?? usual;
  const date = datePattern(locale);
  return {
    decimal: separator("decimal", "."),
    thousands: separator("group", ""),
    grouping: [3],
    currency: ["", ""],
    dateTime: `${date} %H:%M:%S`,
    date,
    time: "%H:%M:%S",
    periods: ["AM", "PM"],
    days: names(7, (at) => [1970, 0, SUNDAY + at], locale, { weekday: "long" }),
    shortDays: names(7, (at) => [1970, 0, SUNDAY + at], locale, { weekday: "short" }),
    months: names(12, (at) => [1970, at, 1], locale, { month: "long" }),
    shortMonths: names(12, (at) => [1970, at, 1], locale, { month: "short" }),
  };
}

function datePattern(locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "short" })
    .formatToParts(0)
    .map(({ type, value }) => DIRECTIVES[type] ?? value)
    .join("");
}

function names(
  count: number,
  day: (at: number) => [year: number, month: number, day: number],
  locale: string,
  style: Intl.DateTimeFormatOptions,
): string[] {
  const format = new Intl.DateTimeFormat(locale, { ...style, timeZone: "UTC" });
  return Array.from({ length: count }, (_, at) => format.format(Date.UTC(...day(at))));
}
