import { computed, inject, shallowReactive, type ComputedRef } from "vue";

import catalogue from "virtual:streamsync-catalogue";

import {
  componentKey,
  contextKey,
  type ComponentHandle,
  type Context,
  type EmitOptions,
  type EventResult,
  type RepetitionIndex,
} from "../components/contract";
import { evaluate, evaluateTemplate, wholeExpression } from "../core/expressions";
import { evaluateField, type FieldType } from "../core/fields";
import { ROOT_ID } from "../core/layout";
import type { ComponentRecord } from "../core/messages";
import { applicationKey, type Application } from "./openApplication";

const GO_TO_PAGE = "$goToPage_";
const UNSENT: EventResult = { ok: false, status: "unsent", message: null };
const DONE: EventResult = { ok: true, status: "ok", message: null };
const NO_CONTEXT: Context = {};

/** A handle, and what only its own node needs. */
export interface Node {
  readonly handle: ComponentHandle;
  readonly record: ComputedRef<ComponentRecord | undefined>;
}

/** Make the handle through which one drawn component sees everything. */
export function useNode(id: string, index: RepetitionIndex): Node {
  const application = needed(inject(applicationKey));
  const parent = inject(componentKey, null);
  const context = inject(contextKey, null);
  const record = computed(() => application.layout.value.get(id));
  const type = record.value?.type ?? "";
  const fields = readFields(application, record, context);
  const pending = shallowReactive<Record<string, number>>({});

  const isBound = computed(() => record.value?.binding != null);
  const isDisabled = computed(
    () => Boolean(catalogue[type]?.fields["isDisabled"]) && fields.boolean("isDisabled"),
  );
  const target = parent ? [...parent.target, [id, index] as const] : [[ROOT_ID, 0] as const];

  const handle: ComponentHandle = {
    id,
    type,
    target,
    application,
    get context() {
      return context?.value ?? NO_CONTEXT;
    },
    ...fields,
    isDisabled,
    isBound,
    isVisible: computed(
      () => record.value !== undefined && application.isShown(record.value, context?.value),
    ),
    bound: computed(() => {
      const binding = record.value?.binding;
      return binding ? evaluate(binding.stateRef, application.state, context?.value) : undefined;
    }),
    children: (slot = "default") => application.layout.value.children(id, slot),
    handles: (event) => {
      const now = record.value;
      return now !== undefined && (Object.hasOwn(now.handlers, event) || now.binding?.eventType === event);
    },
    isPending: (event) => {
      if (event !== undefined) return (pending[event] ?? 0) > 0;
      return Object.values(pending).some((count) => count > 0);
    },
    emit,
  };

  async function emit(
    event: string,
    payload: unknown = null,
    options: EmitOptions = {},
  ): Promise<EventResult> {
    const now = record.value;
    if (!now || application.isEditing) return UNSENT;
    if (!options.force && (isDisabled.value || !handle.handles(event))) return UNSENT;
    const handler = now.handlers[event];
    if (typeof handler === "string" && handler.startsWith(GO_TO_PAGE)) {
      application.goToPage(handler.slice(GO_TO_PAGE.length));
      if (now.binding?.eventType !== event) return DONE;
    }
    const queue = options.queue ?? catalogue[now.type]?.events[event] ?? "all";
    pending[event] = (pending[event] ?? 0) + 1;
    try {
      return await application.send(target, event, payload, queue);
    } finally {
      pending[event] -= 1;
    }
  }

  return { handle, record };
}

type FieldReaders = Pick<ComponentHandle, "text" | "number" | "boolean" | "object" | "raw" | "stored">;

/** Readers of evaluated fields; each value is computed when first read, and again when what it names changes. */
function readFields(
  application: Application,
  record: ComputedRef<ComponentRecord | undefined>,
  context: ComputedRef<Context> | null,
): FieldReaders {
  const known = new Map<string, ComputedRef<unknown>>();
  const stored = (field: string): string => record.value?.content[field] ?? "";

  const read = (as: string, field: string, evaluateNow: () => unknown): unknown => {
    const key = `${as} ${field}`;
    let value = known.get(key);
    if (!value) known.set(key, (value = computed(evaluateNow)));
    return value.value;
  };
  const readAs = (as: FieldType, field: string): unknown =>
    read(as, field, () => {
      const definition = catalogue[record.value?.type ?? ""]?.fields[field];
      const type = definition?.[0] === "identifyingKey" ? "identifyingKey" : as;
      const fallback = definition?.[1];
      return evaluateField(stored(field), { type, default: fallback }, application.state, context?.value);
    });

  return {
    stored,
    text: (field) => readAs("text", field) as string,
    number: (field) => readAs("number", field) as number | null,
    boolean: (field) => readAs("boolean", field) as boolean,
    object: (field) => readAs("object", field) as never,
    raw: (field) =>
      read("raw", field, () => {
        const text = stored(field);
        const expression = wholeExpression(text);
        if (expression === undefined) return evaluateTemplate(text, application.state, context?.value);
        return evaluate(expression, application.state, context?.value);
      }),
  };
}

function needed<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a component was drawn outside an application");
  return value;
}
