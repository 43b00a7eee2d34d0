import { mount } from "@vue/test-utils";
import { expect, test } from "vitest";
import { computed, defineComponent, h, nextTick, ref } from "vue";

import { componentKey, type ComponentHandle, type EventResult } from "./handle";
import { useInput, type InputHandle } from "./useInput";

const OK: EventResult = { ok: true, status: "ok", message: null };

interface Scene {
  input: InputHandle<string>;
  bound: { value: unknown };
  sent: unknown[];
  field: HTMLInputElement;
  readonly answer: (result?: EventResult) => Promise<void>;
}

/** A text input before a server that answers when told to. */
function show(isBound = true): Scene {
  const bound = ref<unknown>("old");
  const sent: unknown[] = [];
  const waiting: ((result: EventResult) => void)[] = [];
  const handle = {
    isBound: computed(() => isBound),
    bound: computed(() => bound.value),
    handles: () => isBound,
    isPending: () => waiting.length > 0,
    emit: (_event: string, payload: unknown) => {
      sent.push(payload);
      return new Promise<EventResult>((resolve) => waiting.push(resolve));
    },
  } as unknown as ComponentHandle;
  let input!: InputHandle<string>;
  const Control = defineComponent(() => {
    input = useInput({ eventType: "ss-change", parse: (value) => (typeof value === "string" ? value : "") });
    return () => h("input", { value: input.value.value });
  });
  const wrapper = mount(Control, {
    attachTo: document.body,
    global: { provide: { [componentKey as symbol]: handle } },
  });
  return {
    input,
    bound,
    sent,
    field: wrapper.element as HTMLInputElement,
    async answer(result = OK) {
      waiting.shift()?.(result);
      await nextTick();
      await nextTick();
    },
  };
}

test("a bound input shows the state", () => {
  const { input, bound } = show();
  expect(input.value.value).toBe("old");
  bound.value = "new";
  expect(input.value.value).toBe("new");
});

test("an older echo does not overwrite what is being typed", async () => {
  const { input, bound, answer } = show();
  void input.set("a");
  void input.set("ab");
  bound.value = "a";
  await answer();
  expect(input.value.value).toBe("ab");
  bound.value = "ab";
  await answer();
  expect(input.value.value).toBe("ab");
});

test("a field that a handler cleared is cleared once the newest value is answered", async () => {
  const { input, bound, answer } = show();
  input.listeners["focus"]!(new Event("focus"));
  void input.set("hello");
  bound.value = "";
  expect(input.value.value).toBe("hello");
  await answer();
  expect(input.value.value).toBe("");
});

test("a later change of the state shows even where the caret is", async () => {
  const { input, bound, answer } = show();
  input.listeners["focus"]!(new Event("focus"));
  void input.set("hello");
  bound.value = "hello";
  await answer();
  expect(input.value.value).toBe("hello");
  bound.value = "";
  expect(input.value.value).toBe("");
});

test("a refused value says why and stays while the field has the focus", async () => {
  const { input, answer } = show();
  input.listeners["focus"]!(new Event("focus"));
  void input.set("bad");
  await answer({ ok: false, status: "rejected", message: "not a name" });
  expect(input.value.value).toBe("bad");
  expect(input.problem.value).toBe("not a name");
  input.listeners["blur"]!(new Event("blur"));
  expect(input.value.value).toBe("old");
});

test("nothing is sent while an input method composes", async () => {
  const { input, sent } = show();
  input.listeners["compositionstart"]!(new Event("compositionstart"));
  await input.set("に");
  expect(sent).toEqual([]);
  expect(input.value.value).toBe("に");
  input.listeners["compositionend"]!(new Event("compositionend"));
  expect(sent).toEqual(["に"]);
});

test("an unbound input keeps its own value", async () => {
  const { input, answer } = show(false);
  void input.set("mine");
  await answer();
  expect(input.value.value).toBe("mine");
});

test("the caret stays where it is when a handler rewrites the text around it", async () => {
  const { input, bound, field, answer } = show();
  input.listeners["focus"]!({ target: field } as unknown as Event);
  field.value = "abcd";
  field.setSelectionRange(2, 2);
  void input.set("abcd");
  await nextTick();
  bound.value = "ABCD";
  await answer();
  expect(field.value).toBe("ABCD");
  expect([field.selectionStart, field.selectionEnd]).toEqual([2, 2]);
});

test("a caret at the end stays at the end", async () => {
  const { input, bound, field, answer } = show();
  input.listeners["focus"]!({ target: field } as unknown as Event);
  field.value = "ab";
  field.setSelectionRange(2, 2);
  void input.set("ab");
  await nextTick();
  bound.value = "a, b";
  await answer();
  expect(field.selectionStart).toBe(4);
});
