export type MessageKind = "success" | "error" | "warning" | "loading" | "info";

const KINDS: Readonly<Record<string, MessageKind>> = {
  "+": "success",
  "-": "error",
  "!": "warning",
  "%": "loading",
};

/** The first character says the kind; it is taken off, and the rest is trimmed. */
export function readMessage(message: string): { kind: MessageKind; text: string } {
  const kind = KINDS[message.charAt(0)];
  return kind ? { kind, text: message.slice(1).trim() } : { kind: "info", text: message.trim() };
}
