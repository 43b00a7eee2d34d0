import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { WireMail } from "../core/messages";
import { createMailbox, type Mailbox } from "./mail";

const notify = vi.fn();

function newDocument(): Mailbox {
  document.head.replaceChildren();
  notify.mockReset();
  return createMailbox({
    notify,
    goToPage: vi.fn(),
    setVariables: vi.fn(),
    resolveUrl: (address) => `http://here/${address}`,
    decode: (value) => value,
  });
}

const stylesheets = (): (string | null)[] =>
  [...document.head.querySelectorAll("link")].map((link) => link.getAttribute("href"));
const mail: WireMail[] = [
  [1, "importStylesheet", { stylesheetKey: "theme", path: "theme.css" }],
  [2, "notification", { type: "info", title: "Welcome", message: "" }],
  [3, "importStylesheet", { stylesheetKey: "theme", path: "dark.css" }],
];

beforeEach(() => {
  // Nobody is there to serve them.
  const { happyDOM } = window as unknown as { happyDOM: { settings: Record<string, boolean> } };
  happyDOM.settings["handleDisabledFileLoadingAsSuccess"] = true;
  document.head.replaceChildren();
});
afterEach(() => {
  document.head.replaceChildren();
});

describe("mail in the document that goes on with a session", () => {
  test("repeats imports, and nothing that was to happen once", () => {
    const first = newDocument();
    first.deliver(mail);
    expect(notify).toHaveBeenCalledOnce();
    const memory = JSON.parse(JSON.stringify(first.save())) as ReturnType<Mailbox["save"]>;

    const second = newDocument();
    second.restore(memory);
    expect(stylesheets()).toEqual(["http://here/dark.css"]);
    second.deliver(mail); // not yet acknowledged by the first
    expect(notify).not.toHaveBeenCalled();
    second.deliver([[4, "notification", { type: "info", title: "New", message: "" }]]);
    expect(notify).toHaveBeenCalledOnce();
    expect(second.save().lastId).toBe(4);
  });
});

test("an address that a handler opens is no script", async () => {
  const open = vi.spyOn(window, "open").mockReturnValue(null);
  const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const mailbox = newDocument();
  mailbox.deliver([
    [1, "openUrl", "javascript:alert(1)"],
    [2, "openUrl", "java\nscript:alert(1)"],
    [3, "openUrl", "data:text/html,<script>1</script>"],
    [4, "openUrl", "https://example.com/"],
  ]);
  await vi.waitFor(() => {
    expect(said).toHaveBeenCalledTimes(3);
  });
  expect(open.mock.calls).toEqual([["https://example.com/", "_blank", "noopener"]]);
  open.mockRestore();
  said.mockRestore();
});
