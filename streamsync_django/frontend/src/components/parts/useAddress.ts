import { type ShallowRef, shallowRef, watch } from "vue";

import { Binary, mayRun } from "../../core/values";
import { useComponent } from "../contract";
import { type AddressUse, safeAddress } from "./safeAddress";

export interface Address {
  /** What may go into `src` or `href`; null while there is nothing to show. */
  url: ShallowRef<string | null>;
  problem: ShallowRef<string | null>;
}

/** Follow a field that holds an address, or bytes that get one. */
export function useAddress(field: string, use: AddressUse): Address {
  const { raw, text, application } = useComponent();
  const url = shallowRef<string | null>(null);
  const problem = shallowRef<string | null>(null);
  let newest = 0;

  watch(
    () => {
      const value = raw(field);
      if (value instanceof Binary) return value;
      return value === null ? "" : text(field); // nothing, and not the word for it
    },
    (value) => {
      newest++;
      if (value instanceof Binary) void showBinary(value, newest);
      else showText(value);
    },
    { immediate: true },
  );

  function showText(value: string): void {
    const safe = safeAddress(value, use);
    url.value = safe === null ? null : application.resolveUrl(safe);
    problem.value =
      safe === null && value.trim() !== "" ? "The address has a scheme that is not allowed here." : null;
  }

  async function showBinary(binary: Binary, mine: number): Promise<void> {
    problem.value = null;
    try {
      const address = await addressOf(binary);
      if (mine === newest) url.value = address;
    } catch (error) {
      if (mine === newest) problem.value = `The bytes could not be loaded: ${String(error)}`;
    }
  }

  /** A document is opened where its scripts can do nothing to the page; pictures run none. */
  async function addressOf(binary: Binary): Promise<string> {
    if (mayRun(binary.mime) && (use === "frame" || use === "link")) return binary.remoteUrl();
    if (binary.url === "") await binary.bytes();
    return binary.url;
  }

  return { url, problem };
}
