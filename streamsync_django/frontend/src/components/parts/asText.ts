import { plainScalar } from "./options";

/** Show a bound value in a text box: nothing for null, JSON for what is no scalar. */
export function asText(bound: unknown): string {
  if (bound === null || bound === undefined) return "";
  return plainScalar(bound) ?? JSON.stringify(bound);
}
