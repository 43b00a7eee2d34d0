/** A field's text -> the value its type promises (number, boolean, object …). */

import {
  evaluate,
  evaluateTemplate,
  jsonText,
  partValue,
  templateParts,
  toText,
  wholeExpression,
  type Context,
  type TemplatePart,
} from "./expressions";

/** The field types of the catalogue. */
export type FieldType =
  | "text"
  | "number"
  | "boolean"
  | "color"
  | "shadow"
  | "object"
  | "keyValue"
  | "identifyingKey"
  | "width"
  | "alignH"
  | "alignV"
  | "padding";

/** What casting needs to know of a field of the catalogue. */
export interface FieldLike {
  readonly type: FieldType;
  readonly default?: unknown;
}

/** What a component sees of a field of each type. */
export type FieldValue<Type extends FieldType> = Type extends "number"
  ? number | null
  : Type extends "boolean"
    ? boolean
    : Type extends "object" | "keyValue"
      ? unknown
      : string;

const LEADING_NUMBER = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/;

/**
 * Return the value that a component sees for a field holding this text.
 *
 * An absent text, null and the empty text all mean the default. An identifying key is never evaluated.
 */
export function evaluateField<Type extends FieldType>(
  text: string | null | undefined,
  field: FieldLike & { readonly type: Type },
  state: unknown,
  context?: Context,
): FieldValue<Type>;
export function evaluateField(
  text: string | null | undefined,
  field: FieldLike,
  state: unknown,
  context?: Context,
): unknown {
  const content = text ?? "";
  const type: FieldType = field.type;
  switch (type) {
    case "identifyingKey":
      return content;
    case "number":
      return parseNumber(evaluateTemplate(content, state, context)) ?? parseNumber(defaultText(field));
    case "boolean": {
      const shown = evaluateTemplate(content, state, context) || defaultText(field);
      return shown === "yes" || shown === "true";
    }
    case "object":
    case "keyValue":
      return evaluateObject(content, field, state, context);
    case "text":
    case "color":
    case "shadow":
    case "width":
    case "alignH":
    case "alignV":
    case "padding":
      return evaluateTemplate(content, state, context) || defaultText(field);
    default:
      return type satisfies never;
  }
}

/** Return the number a text begins with (`12px` -> 12), null when it begins with none. */
export function parseNumber(text: string): number | null {
  const match = LEADING_NUMBER.exec(text.trimStart());
  const number = match ? Number(match[0]) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

function defaultText(field: FieldLike): string {
  return toText(field.default ?? undefined);
}

function evaluateObject(content: string, field: FieldLike, state: unknown, context?: Context): unknown {
  const value = readObject(content, state, context);
  if (value !== undefined) return value;
  const fallback = typeof field.default === "string" ? parseJson(field.default) : field.default;
  return fallback ?? null;
}

/** Return what an object field's text holds, undefined when it is not JSON. */
export function readObject(content: string, state: unknown, context?: Context): unknown {
  const expression = wholeExpression(content);
  if (expression !== undefined) {
    const found = evaluate(expression, state, context);
    return typeof found === "string" ? parseJson(found) : found;
  }
  const value = parseJson(evaluateTemplate(content, state, context));
  if (value !== undefined || !content.includes("@{")) return value;
  return parseJson(escapedJson(templateParts(content), state, context));
}

/** Return a JSON template with each value written so that it cannot break the JSON around it. */
function escapedJson(parts: readonly TemplatePart[], state: unknown, context?: Context): string {
  let inQuotes = false;
  return parts
    .map((part) => {
      if (typeof part === "string") {
        for (const match of part.matchAll(/\\.|"/gs)) inQuotes = (match[0] === '"') !== inQuotes;
        return part;
      }
      const value = partValue(part, state, context);
      return inQuotes ? jsonText(toText(value)).slice(1, -1) : jsonText(value);
    })
    .join("");
}

/** Return what a JSON text holds, undefined when it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
