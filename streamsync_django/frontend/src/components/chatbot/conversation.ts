import { plainScalar } from "../parts/options";

export interface ChatAction {
  name: string;
  subheading: string | null;
  description: string | null;
  data: unknown;
}

export interface ChatMessage {
  role: string;
  content: string;
  actions: ChatAction[];
}

/** Read a conversation; null when it is no list of messages. */
export function readConversation(value: unknown): ChatMessage[] | null {
  if (value === null || value === undefined || value === "") return [];
  if (!Array.isArray(value)) return null;
  const messages: ChatMessage[] = [];
  for (const item of value as unknown[]) {
    if (typeof item !== "object" || item === null || Array.isArray(item)) return null;
    const { role, content, actions } = item as Record<string, unknown>;
    messages.push({
      role: texted(role) ?? "assistant",
      content: texted(content) ?? "",
      actions: readActions(actions),
    });
  }
  return messages;
}

/** Read what the handler of a chatbot without a conversation field returned: a text, or `{text, actions}`. */
export function readReply(reply: unknown): ChatMessage | null {
  if (reply === null || reply === undefined) return null;
  if (typeof reply !== "object" || Array.isArray(reply)) {
    return { role: "assistant", content: texted(reply) ?? "", actions: [] };
  }
  const { text, content, actions } = reply as Record<string, unknown>;
  return { role: "assistant", content: texted(text ?? content) ?? "", actions: readActions(actions) };
}

function readActions(value: unknown): ChatAction[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown): ChatAction[] => {
    if (typeof item !== "object" || item === null) return [];
    const { name, subheading, desc, data } = item as Record<string, unknown>;
    const label = texted(name);
    if (label === null) return [];
    return [{ name: label, subheading: texted(subheading), description: texted(desc), data: data ?? null }];
  });
}

function texted(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return plainScalar(value) ?? JSON.stringify(value);
}
