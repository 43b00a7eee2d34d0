/** What is wrong with a field's content: for the people who wrote it, so visitors do not load this. */

import { evaluate, evaluateTemplate, toText, wholeExpression, type Context } from "./expressions";
import { parseNumber, readObject, type FieldType } from "./fields";

const MAX_SHOWN = 80;

/**
 * Say why a field shows its default instead of what stands in it; null when all is well.
 *
 * Nothing (an empty text, null, a state without that key) is no mistake: it asks for the default.
 */
export function fieldProblem(
  name: string,
  type: FieldType,
  content: string,
  state: unknown,
  context?: Context,
): string | null {
  const expression = wholeExpression(content);
  const value =
    expression === undefined
      ? evaluateTemplate(content, state, context)
      : evaluate(expression, state, context);
  if (value === undefined || value === null || (typeof value === "string" && value.trim() === ""))
    return null;
  switch (type) {
    case "number":
      return parseNumber(evaluateTemplate(content, state, context)) === null
        ? `“${name}” is not a number: ${shown(value)}`
        : null;
    case "boolean":
      return ["yes", "no", "true", "false"].includes(evaluateTemplate(content, state, context))
        ? null
        : `“${name}” is neither yes nor no: ${shown(value)}`;
    case "object":
    case "keyValue":
      return readObject(content, state, context) === undefined
        ? `“${name}” is not JSON: ${shown(value)}`
        : null;
    default:
      return null;
  }
}

function shown(value: unknown): string {
  const text = toText(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
