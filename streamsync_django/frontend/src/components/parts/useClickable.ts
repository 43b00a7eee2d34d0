import { computed, type ComputedRef } from "vue";

import { clickPayload, useComponent } from "../contract";

/** Attributes and listeners of something that is a button only when its click is handled. */
export function useClickable(eventType = "ss-click"): ComputedRef<Record<string, unknown>> {
  const { handles, emit, isPending } = useComponent();
  return computed(() => {
    if (!handles(eventType)) return {};
    return {
      class: isPending(eventType) ? "ss-clickable ss-waiting" : "ss-clickable",
      role: "button",
      tabindex: 0,
      onClick: (event: MouseEvent) => void emit(eventType, clickPayload(event)),
      onKeydown: (event: KeyboardEvent) => {
        if (event.target !== event.currentTarget || (event.key !== "Enter" && event.key !== " ")) return;
        event.preventDefault();
        void emit(eventType, clickPayload(event));
      },
    };
  });
}
