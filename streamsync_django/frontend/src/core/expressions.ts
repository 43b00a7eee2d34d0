/**
 * Expressions and templates: `@{cart.items.0.name}` -> value, text with such pieces -> text.
 *
 * The server has the same rules in `core/expressions/`; what both must agree on is one table,
 * `tests/cases/expressions.json`.
 */

/** The variables that the repeaters around a component provide. */
export type Context = Readonly<Record<string, unknown>>;

/** What stands in `[…]`: an expression whose value is the key, or else the literal. */
export interface Bracket {
  /** Undefined when the content is quoted text that is no expression, such as `"a]"`. */
  readonly expression: Expression | undefined;
  /** The key to use when nothing has that name: an integer's digits or the text between quotes. */
  readonly literal: string | undefined;
}

export interface Expression {
  readonly source: string;
  readonly parts: readonly (string | Bracket)[];
}

/** A piece of a template: text, an expression, or undefined for one that cannot be read and shows nothing. */
export type TemplatePart = string | Expression | undefined;

/** Brackets within brackets; deeper ones are refused rather than recursed into. */
const MAX_DEPTH = 32;
/** How many parsed texts are remembered; all are forgotten when there are more. */
const CACHE_SIZE = 4096;

const INTEGER = /^-?[0-9]+$/;
const INDEX = /^(?:0|[1-9][0-9]*)$/;
/** An expression cannot contain `}`: the first one ends it. */
const TEMPLATE = /\\?@\{([^}]*)\}/g;
const WHOLE_TEMPLATE = /^@\{([^}]*)\}$/;

const parsedExpressions = new Map<string, Expression | undefined>();
const parsedTemplates = new Map<string, readonly TemplatePart[]>();

/** Return the value an expression names, undefined when there is none or it cannot be read. */
export function evaluate(expression: string, state: unknown, context?: Context): unknown {
  const parsed = parse(expression);
  return parsed && evaluateParsed(parsed, state, context);
}

/** Return the text with every `@{…}` replaced by its value. */
export function evaluateTemplate(text: string, state: unknown, context?: Context): string {
  if (!text.includes("@{")) return text;
  return templateParts(text)
    .map((part) => (typeof part === "string" ? part : toText(partValue(part, state, context))))
    .join("");
}

/** Return the expression when the text is exactly one `@{…}` (blanks around it aside). */
export function wholeExpression(text: string): string | undefined {
  return WHOLE_TEMPLATE.exec(text.trim())?.[1]?.trim();
}

/** Read an expression; undefined when brackets do not match. */
export function parse(expression: string): Expression | undefined {
  return remember(parsedExpressions, expression, () => parseAt(expression, 0));
}

/** Return what a template shows for a value. */
export function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "";
  return Array.isArray(value) || isPlainObject(value) ? jsonText(value) : ownText(value);
}

/** Return compact JSON of any value; what JSON cannot hold is written as its text. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, item: unknown) => {
    if (typeof item === "bigint") return String(item);
    const isOpaque =
      typeof item === "object" && item !== null && !Array.isArray(item) && !isPlainObject(item);
    return isOpaque ? ownText(item) : item;
  });
}

/** Return what a class writes of its instance: a binary value writes the address of its bytes. */
function ownText(value: unknown): string {
  return String(value);
}

/** Whether a visibility expression's value shows the component. */
export function isTruthy(value: unknown): boolean {
  return Boolean(value);
}

/** Whether the value is an object of data, as JSON makes it, and not an instance of some class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Cut a template into its pieces, in order. */
export function templateParts(text: string): readonly TemplatePart[] {
  return remember(parsedTemplates, text, () => {
    const parts: TemplatePart[] = [];
    let end = 0;
    for (const match of text.matchAll(TEMPLATE)) {
      parts.push(text.slice(end, match.index));
      parts.push(match[0].startsWith("\\") ? match[0].slice(1) : parse((match[1] ?? "").trim()));
      end = match.index + match[0].length;
    }
    parts.push(text.slice(end));
    return parts;
  });
}

/** Return the value of a template's expression. */
export function partValue(part: Expression | undefined, state: unknown, context?: Context): unknown {
  return part && evaluateParsed(part, state, context);
}

function evaluateParsed(expression: Expression, state: unknown, context: Context | undefined): unknown {
  const names = resolveNames(expression, state, context);
  if (!names || names.length === 0) return undefined;
  return (context && walk(context, names)) ?? walk(state, names);
}

function resolveNames(
  expression: Expression,
  state: unknown,
  context: Context | undefined,
): readonly string[] | undefined {
  const names: string[] = [];
  for (const part of expression.parts) {
    const name = typeof part === "string" ? part : bracketKey(part, state, context);
    if (name === undefined) return undefined;
    names.push(name);
  }
  return names;
}

function bracketKey(bracket: Bracket, state: unknown, context: Context | undefined): string | undefined {
  const value = bracket.expression && evaluateParsed(bracket.expression, state, context);
  if (value === undefined || value === null) return bracket.literal;
  return Array.isArray(value) || isPlainObject(value) ? undefined : toText(value);
}

function walk(root: unknown, names: readonly string[]): unknown {
  let value = root;
  for (const name of names) {
    if (Array.isArray(value)) {
      if (!INDEX.test(name) && name !== "length") return undefined;
      value = (value as unknown as Record<string, unknown>)[name];
    } else if (isPlainObject(value)) {
      // Read before asking who owns it: a reactive wrapper then notes even a key that is not there yet.
      const next: unknown = value[name];
      if (!Object.prototype.hasOwnProperty.call(value, name)) return undefined;
      value = next;
    } else {
      return undefined;
    }
  }
  return value;
}

function parseAt(text: string, depth: number): Expression | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const parts: (string | Bracket)[] = [];
  let segment = "";
  let afterBracket = false;
  for (let position = 0; position < text.length; position++) {
    const character = text.charAt(position);
    if (character === ".") {
      if (!afterBracket) parts.push(segment);
      segment = "";
      afterBracket = false;
    } else if (character === "[") {
      if (!afterBracket) parts.push(segment);
      const end = closingBracket(text, position);
      const bracket = end === undefined ? undefined : parseBracket(text.slice(position + 1, end), depth);
      if (end === undefined || !bracket) return undefined;
      parts.push(bracket);
      segment = "";
      afterBracket = true;
      position = end;
    } else if (character === "]" || afterBracket) {
      return undefined;
    } else {
      if (character === "\\" && position + 1 < text.length) position++;
      segment += text.charAt(position);
    }
  }
  if (segment) parts.push(segment);
  return { source: text, parts };
}

/** Return the position of the bracket that closes the one at `start`. */
function closingBracket(text: string, start: number): number | undefined {
  const quoteEnd = closingQuote(text, start + 1);
  if (quoteEnd !== undefined && text[quoteEnd + 1] === "]") return quoteEnd + 1;
  let level = 0;
  for (let position = start; position < text.length; position++) {
    const character = text.charAt(position);
    if (character === "\\") position++;
    else if (character === "[") level++;
    else if (character === "]" && --level === 0) return position;
  }
  return undefined;
}

/** Return where the quoted text that begins at `start` ends. */
function closingQuote(text: string, start: number): number | undefined {
  const quote = text[start];
  if (quote !== "'" && quote !== '"') return undefined;
  for (let position = start + 1; position < text.length; position++) {
    if (text[position] === "\\") position++;
    else if (text[position] === quote) return position;
  }
  return undefined;
}

function parseBracket(content: string, depth: number): Bracket | undefined {
  const expression = parseAt(content, depth + 1);
  if (INTEGER.test(content)) return expression && { expression, literal: content };
  const isQuoted = content !== "" && closingQuote(content, 0) === content.length - 1;
  if (!isQuoted) return expression && { expression, literal: undefined };
  return { expression, literal: content.slice(1, -1).replace(/\\(.)/gs, "$1") };
}

function remember<Value>(cache: Map<string, Value>, key: string, make: () => Value): Value {
  const known = cache.get(key);
  if (known !== undefined || cache.has(key)) return known as Value;
  if (cache.size >= CACHE_SIZE) cache.clear();
  const made = make();
  cache.set(key, made);
  return made;
}
