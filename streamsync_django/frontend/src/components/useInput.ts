import { computed, inject, ref, shallowRef, watch, type ComputedRef, type ShallowRef } from "vue";

import { componentKey, type ComponentHandle, type EventResult } from "./handle";

export interface InputOptions<T> {
  /** Sent on every change; its throttle is the queue: one under way, then the newest. */
  eventType: string;
  /** Sent by `finish()`: on blur, Enter, release of a slider. */
  finishEventType?: string;
  /** What to show for a bound value; called with undefined when unbound or not yet known. */
  parse: (bound: unknown) => T;
  /** The payload for a shown value; the value itself by default. */
  serialize?: (value: T) => unknown;
}

/** What the user entered; once answered, kept only while the state stays what it was then. */
interface Kept<T> {
  readonly value: T;
  readonly settledAt?: { readonly bound: unknown };
}

export interface InputHandle<T> {
  /** What the control shows. Bind it one way (`:value`), change it with `set`. */
  readonly value: ComputedRef<T>;
  /** The user changed the control: show it at once and send it. */
  readonly set: (value: T) => Promise<EventResult>;
  /** The user is done with the control: send the finish event, if anything handles it. */
  readonly finish: () => Promise<EventResult>;
  readonly isPending: ComputedRef<boolean>;
  /** Why the server refused the last value, or null. */
  readonly problem: ComputedRef<string | null>;
  /** Listeners for the text-like element: `v-on="input.listeners"`. Holds sending back while an input method composes. */
  readonly listeners: Readonly<Record<string, (event: Event) => void>>;
}

/**
 * Give an input control the rules that all of them share.
 *
 * Unbound, it keeps a local value. Bound, it shows the state, except from the moment the user
 * changes it until the server has answered the newest value: an older echo never overwrites what
 * is being typed. When the answer equals what is shown, nothing is written to the element, so the
 * caret stays; when a handler changed the value (cleared the field, say), that shows.
 */
export function useInput<T>(options: InputOptions<T>): InputHandle<T> {
  const component = currentComponent();
  const serialize = options.serialize ?? ((value: T): unknown => value);
  const local: ShallowRef<Kept<T> | null> = shallowRef(null);
  const refusal = shallowRef<string | null>(null);
  const isFocused = ref(false);
  const isComposing = ref(false);
  let newest = 0;

  const value = computed<T>(() => {
    const kept = local.value;
    if (!component.isBound.value) return kept ? kept.value : options.parse(undefined);
    const bound = component.bound.value;
    const isKept = kept !== null && (!kept.settledAt || sameValue(kept.settledAt.bound, bound));
    return isKept ? kept.value : options.parse(bound);
  });

  let element: EventTarget | null = null;
  keepCaret(value, () => (isFocused.value ? element : null));

  async function set(changed: T): Promise<EventResult> {
    const mine = ++newest;
    local.value = { value: changed };
    refusal.value = null;
    if (isComposing.value) return { ok: true, status: "unsent", message: null };
    const result = await component.emit(options.eventType, serialize(changed));
    if (mine === newest) settle(result);
    return result;
  }

  /** The newest value has been answered: from now on the state is the truth, as soon as it says something else. */
  function settle(result: EventResult): void {
    const kept = local.value;
    if (!component.isBound.value || kept === null) return;
    const bound = component.bound.value;
    const isRefused = result.status === "rejected" || result.status === "dropped";
    refusal.value = isRefused ? result.message : null;
    const stays = isFocused.value && (isRefused || sameValue(serialize(kept.value), bound));
    local.value = stays ? { value: kept.value, settledAt: { bound } } : null;
  }

  async function finish(): Promise<EventResult> {
    if (!options.finishEventType) return { ok: true, status: "unsent", message: null };
    const shown = value.value;
    const isBinding = component.isBound.value && component.handles(options.finishEventType);
    const mine = isBinding ? ++newest : newest;
    if (isBinding) local.value = { value: shown };
    const result = await component.emit(options.finishEventType, serialize(shown));
    if (mine === newest) settle(result);
    return result;
  }

  const listeners = {
    focus: (event: Event) => {
      isFocused.value = true;
      element = event.target;
    },
    blur: () => {
      isFocused.value = false;
      if (component.isBound.value && !component.isPending(options.eventType)) local.value = null;
    },
    compositionstart: () => (isComposing.value = true),
    compositionend: () => {
      isComposing.value = false;
      if (local.value) void set(local.value.value);
    },
  };

  return {
    value,
    set,
    finish,
    isPending: computed(
      () =>
        component.isPending(options.eventType) ||
        (options.finishEventType !== undefined && component.isPending(options.finishEventType)),
    ),
    problem: computed(() => refusal.value),
    listeners,
  };
}

/** When the server's word replaces a text under the caret, the caret stays where it is, or at the end. */
function keepCaret(value: ComputedRef<unknown>, focused: () => EventTarget | null): void {
  let before: { length: number; start: number; end: number } | null = null;
  watch(value, () => {
    const field = textField(focused());
    const [start, end] = [field?.selectionStart ?? null, field?.selectionEnd ?? null];
    before = field && start !== null && end !== null ? { length: field.value.length, start, end } : null;
  });
  watch(
    value,
    () => {
      const field = textField(focused());
      if (!field || !before) return;
      const { length, start, end } = before;
      const place = (at: number): number => (at === length ? field.value.length : at);
      if (field.selectionStart !== place(start) || field.selectionEnd !== place(end)) {
        field.setSelectionRange(place(start), place(end));
      }
    },
    { flush: "post" },
  );
}

/** Other inputs (dates, numbers) have no caret to speak of: theirs is null, or reading it fails. */
function textField(target: EventTarget | null): HTMLInputElement | HTMLTextAreaElement | null {
  const isText = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  return isText && target.isConnected ? target : null;
}

function currentComponent(): ComponentHandle {
  const component = inject(componentKey);
  if (!component) throw new Error("useInput() was called outside a drawn component");
  return component;
}

/** Compare payload-like values: `1.` typed and 1 bound are told apart by the caller's `serialize`. */
function sameValue(a: unknown, b: unknown): boolean {
  return a === b || (a ?? null) === (b ?? null) || JSON.stringify(a) === JSON.stringify(b);
}
