/** Whose mistake it was: the application's author, the network, or ours. */
export type Attribution = "app" | "network" | "internal";

/** An error with a stable dotted code (`frame.truncated`), for logs and for tests. */
export class StreamsyncError extends Error {
  override readonly name = "StreamsyncError";
  readonly code: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly attribution: Attribution;

  constructor(
    code: string,
    facts: Readonly<Record<string, unknown>> = {},
    attribution: Attribution = "internal",
  ) {
    super(Object.keys(facts).length ? `${code} ${JSON.stringify(facts)}` : code);
    this.code = code;
    this.facts = facts;
    this.attribution = attribution;
  }
}
