export type NoteTone = "positive" | "neutral" | "negative";

/** The first character of a note tells its tone; `+` and `-` are not shown as text. */
export function readNote(note: string): { tone: NoteTone; text: string } {
  if (note.startsWith("+")) return { tone: "positive", text: note.slice(1) };
  if (note.startsWith("-")) return { tone: "negative", text: note.slice(1) };
  return { tone: "neutral", text: note };
}
