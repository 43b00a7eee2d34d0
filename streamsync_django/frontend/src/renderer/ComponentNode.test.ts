import { mount, type VueWrapper } from "@vue/test-utils";
import { expect, test, vi } from "vitest";
import { nextTick, shallowReactive, shallowRef } from "vue";

import { evaluate, isTruthy } from "../core/expressions";
import { Layout } from "../core/layout";
import type { ComponentRecord } from "../core/messages";
import { ComponentNode } from "./ComponentNode";
import { fieldNotes } from "./fieldNotes";
import { applicationKey, type Application } from "./openApplication";

const ALWAYS = { kind: "always", expression: "", reversed: false } as const;

function record(
  id: string,
  type: string,
  parentId: string | null,
  details: Partial<ComponentRecord> = {},
): ComponentRecord {
  const plain = {
    content: {},
    position: 0,
    handlers: {},
    binding: null,
    visible: ALWAYS,
    isCodeManaged: false,
  };
  return { id, type, parentId, ...plain, ...details };
}

interface Scene {
  wrapper: VueWrapper;
  state: Record<string, unknown>;
  send: ReturnType<typeof vi.fn>;
  goToPage: ReturnType<typeof vi.fn>;
}

function show(
  components: ComponentRecord[],
  state: Record<string, unknown> = {},
  isDeveloper = false,
): Scene {
  const watched = shallowReactive(state);
  const send = vi.fn(() => Promise.resolve({ ok: true, status: "ok", message: null }));
  const goToPage = vi.fn();
  const layout = new Layout(
    "r1",
    Object.fromEntries(components.map((each) => [each.id, each])),
    () => "default",
  );
  const application = {
    state: watched,
    layout: shallowRef(layout),
    isEditing: false,
    isDeveloper,
    fieldNotes: shallowRef(isDeveloper ? fieldNotes : null),
    isShown: ({ visible }: ComponentRecord, context?: Record<string, unknown>) =>
      visible.kind === "always" || isTruthy(evaluate(visible.expression, watched, context)),
    send,
    goToPage,
  } as unknown as Application;
  const provide = { [applicationKey as symbol]: application };
  const wrapper = mount(ComponentNode, { props: { id: components[0]!.id }, global: { provide } });
  return { wrapper, state: watched, send, goToPage };
}

test("a component's root element carries its type, id, path and the author's classes", () => {
  const { wrapper } = show([
    record("b", "button", null, { content: { text: "Go", cssClasses: "big primary" } }),
  ]);
  const { classList, dataset } = wrapper.element as HTMLElement;
  expect([...classList]).toEqual(
    expect.arrayContaining(["component", "childless", "ss-type-button", "wf-type-button", "big", "primary"]),
  );
  expect(dataset["streamsyncId"]).toBe("b");
  expect(dataset["streamsyncInstancePath"]).toBe("root:0");
});

test("fields follow the state", async () => {
  const { wrapper, state } = show([record("t", "text", null, { content: { text: "Count: @{count}" } })], {
    count: 1,
  });
  expect(wrapper.text()).toBe("Count: 1");
  state["count"] = 2;
  await nextTick();
  expect(wrapper.text()).toBe("Count: 2");
});

test("style fields become variables, and only where the author set them", () => {
  const { wrapper } = show([record("b", "button", null, { content: { buttonColor: "@{c}" } })], {
    c: "teal",
  });
  expect(wrapper.attributes("style")).toContain("--buttonColor: teal");
  expect(wrapper.attributes("style")).not.toContain("--buttonTextColor");
});

test("a hidden component stays in the document", async () => {
  const visible = { kind: "custom", expression: "open", reversed: false } as const;
  const { wrapper, state } = show([record("t", "text", null, { visible, content: { text: "x" } })], {
    open: false,
  });
  expect(wrapper.attributes("style")).toContain("display: none");
  state["open"] = true;
  await nextTick();
  expect(wrapper.attributes("style") ?? "").not.toContain("display: none");
});

test("a click is sent with the path of its repetition", async () => {
  const { wrapper, send } = show([
    record("s", "section", null),
    record("r", "repeater", "s", {
      content: { repeaterObject: '["a","b"]', keyVariable: "k", valueVariable: "v" },
    }),
    record("b", "button", "r", { content: { text: "@{v}" }, handlers: { "ss-click": true } }),
  ]);
  const buttons = wrapper.findAll("button");
  expect(buttons.map((button) => button.text())).toEqual(["a", "b"]);
  await buttons[1]!.trigger("click");
  const target = [
    ["root", 0],
    ["r", 0],
    ["b", 1],
  ];
  const payload = { ctrlKey: false, shiftKey: false, metaKey: false };
  expect(send).toHaveBeenCalledExactlyOnceWith(target, "ss-click", payload, "all");
});

test("a repetition over an object is known by its key, and keeps its element when the order changes", async () => {
  const { wrapper, state, send } = show(
    [
      record("s", "section", null),
      record("r", "repeater", "s", {
        content: { repeaterObject: "@{people}", keyVariable: "k", valueVariable: "v" },
      }),
      record("b", "button", "r", { content: { text: "@{v.name}" }, handlers: { "ss-click": true } }),
    ],
    { people: { ada: { name: "Ada" }, bob: { name: "Bob" } } },
  );
  const ofBob = wrapper.findAll("button")[1]!;
  state["people"] = { bob: { name: "Bob" }, ada: { name: "Ada" } };
  await nextTick();
  expect(wrapper.findAll("button").map((button) => button.text())).toEqual(["Bob", "Ada"]);
  expect(wrapper.findAll("button")[0]!.element).toBe(ofBob.element);
  await ofBob.trigger("click");
  expect(send.mock.calls[0]![0]).toEqual([
    ["root", 0],
    ["r", 0],
    ["b", "bob"],
  ]);
});

test("what stays of a list is not drawn again", async () => {
  const shown: unknown[] = [];
  const rows = [{ name: "a" }, { name: "b" }, { name: "c" }];
  const watchName = (row: { name: string }): object =>
    Object.defineProperty({ ...row }, "name", {
      enumerable: true,
      get: () => (shown.push(row.name), row.name),
    });
  const { wrapper, state } = show(
    [
      record("s", "section", null),
      record("r", "repeater", "s", {
        content: { repeaterObject: "@{rows}", keyVariable: "k", valueVariable: "v" },
      }),
      record("t", "text", "r", { content: { text: "@{v.name}" } }),
    ],
    { rows: rows.map(watchName) },
  );
  shown.length = 0;
  const [first, , last] = state["rows"] as object[];
  state["rows"] = [first, watchName({ name: "B" }), last];
  await nextTick();
  expect(wrapper.text()).toBe("aBc");
  expect(new Set(shown)).toEqual(new Set(["B"]));
});

test("a native event is sent with its scalars", async () => {
  const { wrapper, send } = show([
    record("t", "text", null, { content: { text: "x" }, handlers: { dblclick: true } }),
  ]);
  await wrapper.trigger("dblclick", { clientX: 4 });
  expect(send).toHaveBeenCalledOnce();
  expect(send.mock.calls[0]!.slice(1)).toEqual(["dblclick", expect.objectContaining({ clientX: 4 }), "all"]);
});

test("going to a page is done here and nothing is sent", async () => {
  const handlers = { "ss-click": "$goToPage_story" };
  const { wrapper, send, goToPage } = show([record("b", "button", null, { handlers })]);
  await wrapper.trigger("click");
  expect(goToPage).toHaveBeenCalledWith("story");
  expect(send).not.toHaveBeenCalled();
});

test("a disabled component sends nothing, native events included", async () => {
  const handlers = { "ss-click": true, mouseenter: true } as const;
  const { wrapper, send } = show([record("b", "button", null, { handlers, content: { isDisabled: "yes" } })]);
  await wrapper.trigger("mouseenter");
  (wrapper.element as HTMLElement).dispatchEvent(new MouseEvent("click"));
  expect(wrapper.classes()).toContain("disabled");
  expect(send).not.toHaveBeenCalled();
});

test("an unknown type shows a calm note and its children", () => {
  const { wrapper } = show([
    record("u", "custom_gone", null),
    record("t", "text", "u", { content: { text: "inside" } }),
  ]);
  expect(wrapper.text()).toContain("not available");
  expect(wrapper.text()).toContain("inside");
});

test("developers read beside a component which of its fields hold nonsense; visitors see the default", async () => {
  const timer = record("t", "timer", null, { content: { intervalMs: "@{pace}", isActive: "perhaps" } });
  const { wrapper, state } = show([timer], { pace: "often" }, true);
  expect(wrapper.get(".ss-problem").text()).toBe(
    "“intervalMs” is not a number: often\n“isActive” is neither yes nor no: perhaps",
  );
  state["pace"] = 100;
  await nextTick();
  expect(wrapper.get(".ss-problem").text()).toBe("“isActive” is neither yes nor no: perhaps");

  expect(show([timer], { pace: "often" }).wrapper.find(".ss-problem").exists()).toBe(false);
});
