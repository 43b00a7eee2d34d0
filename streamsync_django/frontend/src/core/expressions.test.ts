import { describe, expect, it } from "vitest";

import cases from "../../../../tests/cases/expressions.json";
import {
  evaluate,
  evaluateTemplate,
  isTruthy,
  jsonText,
  parse,
  toText,
  wholeExpression,
} from "./expressions";

interface Case {
  readonly state?: unknown;
  readonly context?: Record<string, unknown>;
  readonly only?: string;
}
interface ExpressionCase extends Case {
  readonly expression: string;
  readonly value?: unknown;
}
interface TemplateCase extends Case {
  readonly text: string;
  readonly result: string;
}

const concernsBrowsers = (row: Case): boolean => row.only !== "python";
const stateOf = (row: Case): unknown => row.state ?? cases.state;

/** Stands for the class of binary values: its text is the address of its bytes. */
class Picture {
  readonly secret = "x";
  toString(): string {
    return "blob:picture";
  }
}

describe("expressions", () => {
  it.each((cases.expressions as ExpressionCase[]).filter(concernsBrowsers))(
    "reads $expression as the table says",
    (row) => {
      expect(evaluate(row.expression, stateOf(row), row.context)).toEqual(row.value);
    },
  );

  it("walks own properties of plain objects and arrays only", () => {
    const state = { picture: new Picture(), list: [1], inherited: Object.create({ a: 1 }) as unknown };
    expect(evaluate("picture.secret", state)).toBeUndefined();
    expect(evaluate("list.constructor", state)).toBeUndefined();
    expect(evaluate("inherited.a", state)).toBeUndefined();
    expect(evaluate("constructor.prototype", state)).toBeUndefined();
  });

  it("walks objects without a prototype", () => {
    expect(evaluate("a.b", { a: Object.assign(Object.create(null) as object, { b: 1 }) })).toBe(1);
  });

  it("says that unbalanced brackets cannot be read", () => {
    expect(parse("a[b")).toBeUndefined();
    expect(parse("a]")).toBeUndefined();
  });
});

describe("templates", () => {
  it.each((cases.templates as TemplateCase[]).filter(concernsBrowsers))(
    "shows $text as the table says",
    (row) => {
      expect(evaluateTemplate(row.text, stateOf(row), row.context)).toBe(row.result);
    },
  );

  it("shows a binary value as its address, within JSON too", () => {
    const state = { picture: new Picture(), all: [new Picture()], large: 2n ** 70n };
    expect(evaluateTemplate("@{picture}", state)).toBe("blob:picture");
    expect(evaluateTemplate("@{all}", state)).toBe('["blob:picture"]');
    expect(evaluateTemplate("@{large}", state)).toBe("1180591620717411303424");
    expect(jsonText(undefined)).toBe("null");
  });

  it("knows a text that is one template and nothing else", () => {
    expect(wholeExpression(" @{ a.b } ")).toBe("a.b");
    expect(wholeExpression("@{}")).toBe("");
    for (const text of ["", "a", "@{a} b", "@{a}@{b}", "\\@{a}", "@{a"]) {
      expect(wholeExpression(text)).toBeUndefined();
    }
  });
});

describe("values", () => {
  it.each(cases.numbers as [number, string][])("prints %d as the table says", (number, text) => {
    expect(toText(number)).toBe(text);
  });

  it.each(cases.truthy as [unknown, boolean][])("takes %j for %s", (value, truth) => {
    expect(isTruthy(value)).toBe(truth);
  });
});
