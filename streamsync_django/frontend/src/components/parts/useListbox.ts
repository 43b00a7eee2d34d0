import { computed, type ComputedRef, nextTick, type ShallowRef, shallowRef, watch } from "vue";

import { findOptions, type Option } from "./options";

export interface ListboxOptions {
  /** What may be chosen at the moment. */
  options(): readonly Option[];
  choose(key: string): void;
  /** The list's element, to keep the active option in view. */
  list: Readonly<ShallowRef<HTMLElement | null>>;
}

export interface Listbox {
  isOpen: ShallowRef<boolean>;
  search: ShallowRef<string>;
  found: ComputedRef<Option[]>;
  /** Position of the option that Enter chooses. */
  active: ShallowRef<number>;
  open(): void;
  close(): void;
  /** Handles the keys of a combobox; true if the key was one of them. */
  pressKey(event: KeyboardEvent): boolean;
}

/** The behaviour of a searchable list under a box (ARIA's combobox pattern). */
export function useListbox(options: ListboxOptions): Listbox {
  const isOpen = shallowRef(false);
  const search = shallowRef("");
  const active = shallowRef(0);
  const found = computed(() => findOptions(options.options(), search.value));

  watch(found, () => (active.value = Math.min(active.value, Math.max(0, found.value.length - 1))));
  watch(search, () => (active.value = 0));

  function open(): void {
    isOpen.value = true;
  }

  function close(): void {
    isOpen.value = false;
    search.value = "";
  }

  function move(to: number): void {
    open();
    active.value = Math.max(0, Math.min(found.value.length - 1, to));
    void nextTick(() =>
      options.list.value?.querySelector(".is-active")?.scrollIntoView({ block: "nearest" }),
    );
  }

  function pressKey(event: KeyboardEvent): boolean {
    if (event.isComposing) return false;
    switch (event.key) {
      case "ArrowDown":
        move(isOpen.value ? active.value + 1 : active.value);
        break;
      case "ArrowUp":
        move(active.value - 1);
        break;
      case "Enter": {
        const option = found.value[active.value];
        if (!isOpen.value || !option) return false;
        options.choose(option.key);
        break;
      }
      case "Escape":
        if (!isOpen.value) return false;
        close();
        break;
      default:
        return false;
    }
    event.preventDefault();
    return true;
  }

  return { isOpen, search, found, active, open, close, pressKey };
}
