import { HUE_STEPS, stepOf } from "../tags/hueSteps";

export interface Annotation {
  text: string;
  tag: string | null;
  color: string | null;
}

/** Read a list of texts and `[text, tag, colour?]`; null when it is something else. */
export function readAnnotations(value: unknown): Annotation[] | null {
  if (!Array.isArray(value)) return null;
  const parts: Annotation[] = [];
  for (const item of value as unknown[]) {
    if (typeof item === "string") parts.push({ text: item, tag: null, color: null });
    else if (Array.isArray(item) && item.length > 0 && item.every((part) => typeof part === "string")) {
      const [text, tag, color] = item;
      parts.push({ text: text ?? "", tag: tag ?? null, color: color ?? null });
    } else return null;
  }
  return parts;
}

/** Give every tag a step of its own for as long as there are unused ones. */
export function assignSteps(tags: readonly string[], seed: number): Map<string, number> {
  const steps = new Map<string, number>();
  const used = new Set<number>();
  for (const tag of tags) {
    if (steps.has(tag)) continue;
    if (used.size === HUE_STEPS.length) used.clear();
    let step = stepOf(tag, seed);
    while (used.has(step)) step = (step + 1) % HUE_STEPS.length;
    used.add(step);
    steps.set(tag, step);
  }
  return steps;
}
