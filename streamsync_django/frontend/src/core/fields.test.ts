import { describe, expect, it } from "vitest";

import cases from "../../../../tests/cases/expressions.json";
import { evaluateField, parseNumber, type FieldType } from "./fields";

interface FieldCase {
  readonly type: FieldType;
  readonly text: string | null;
  readonly default?: unknown;
  readonly result: unknown;
  readonly state?: unknown;
  readonly context?: Record<string, unknown>;
}

describe("fields", () => {
  it.each(cases.fields as FieldCase[])("casts $text as $type", (row) => {
    const field = { type: row.type, default: row.default };
    expect(evaluateField(row.text, field, row.state ?? cases.state, row.context)).toEqual(row.result);
  });

  it("hands a class instance on as it is when the whole object field is one template", () => {
    const table = new Date(0);
    expect(evaluateField("@{table}", { type: "object" }, { table })).toBe(table);
  });

  it("takes an absent text for the default", () => {
    expect(evaluateField(undefined, { type: "text", default: "fallback" }, {})).toBe("fallback");
    expect(evaluateField(undefined, { type: "number" }, {})).toBeNull();
  });

  it("reads leading numbers only", () => {
    expect(parseNumber("12px")).toBe(12);
    expect(parseNumber("px12")).toBeNull();
  });
});
