import { onBeforeUnmount, type Ref, type ShallowRef, watch } from "vue";

export interface ModalOptions {
  /** What stays in reach; it is there from mounting to unmounting. */
  layer: Readonly<ShallowRef<HTMLElement | null>>;
  isOpen: Readonly<Ref<boolean>>;
  /** Asked for by Escape. */
  close: () => void;
}

/**
 * Keep what is behind an open layer from keyboard, pointer and screen readers: everything beside it, up to
 * the page's body, is inert. What floats above every layer (notifications, the connection) stays in reach.
 */
export function useModal({ layer, isOpen, close }: ModalOptions): void {
  let behind: HTMLElement[] = [];

  function hold(): void {
    for (let part = layer.value; part && part !== document.body; part = part.parentElement) {
      for (const other of part.parentElement?.children ?? []) {
        if (other === part || !(other instanceof HTMLElement)) continue;
        if (other.inert || "streamsyncAbove" in other.dataset) continue;
        other.inert = true;
        behind.push(other);
      }
    }
    document.addEventListener("keydown", pressKey);
  }

  function release(): void {
    document.removeEventListener("keydown", pressKey);
    for (const element of behind) element.inert = false;
    behind = [];
  }

  function pressKey(event: KeyboardEvent): void {
    // A list or menu that is open inside takes the key for itself.
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (!layer.value?.querySelector(":popover-open")) close();
  }

  // At once, for whoever closes the layer may move the focus to what was behind it.
  watch(
    isOpen,
    (open) => {
      if (open) hold();
      else release();
    },
    { flush: "sync" },
  );
  onBeforeUnmount(release);
}
