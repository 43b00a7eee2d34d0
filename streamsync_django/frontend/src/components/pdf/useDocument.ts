import { onBeforeUnmount, shallowRef, watch, type ShallowRef } from "vue";

import { Binary } from "../../core/values";
import { useComponent } from "../contract";
import { safeAddress } from "../parts/safeAddress";
import type * as Library from "./library";

export interface OpenedDocument {
  readonly library: typeof Library;
  readonly pdf: Library.PDFDocumentProxy;
  /** Of the first page, in points: what pages that have not been read yet look like. */
  readonly size: readonly [width: number, height: number];
}

export interface DocumentState {
  readonly opened: ShallowRef<OpenedDocument | null>;
  readonly isLoading: ShallowRef<boolean>;
  readonly problem: ShallowRef<string | null>;
}

/** Follow a field that holds a document: bytes in the state, a data: URL or an address. */
export function useDocument(field: string): DocumentState {
  const { raw, text, application } = useComponent();
  const opened = shallowRef<OpenedDocument | null>(null);
  const isLoading = shallowRef(false);
  const problem = shallowRef<string | null>(null);
  let task: Library.PDFDocumentLoadingTask | null = null;
  let newest = 0;

  watch(
    () => {
      const value = raw(field);
      if (value instanceof Binary) return value;
      return value === null ? "" : text(field).trim();
    },
    (value) => void load(value, ++newest),
    { immediate: true },
  );
  onBeforeUnmount(() => {
    newest++;
    void task?.destroy();
  });

  async function load(value: Binary | string, mine: number): Promise<void> {
    problem.value = null;
    if (value === "") {
      opened.value = null;
      return;
    }
    isLoading.value = true;
    try {
      const [library, source] = await Promise.all([import("./library"), sourceOf(value)]);
      if (mine !== newest) return;
      const before = task;
      task = library.openDocument(source);
      const pdf = await task.promise;
      const { width, height } = (await pdf.getPage(1)).getViewport({ scale: 1 });
      if (mine !== newest) return;
      opened.value = { library, pdf, size: [width, height] };
      void before?.destroy();
    } catch (error) {
      if (mine !== newest) return;
      opened.value = null;
      problem.value = `The document could not be shown: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      if (mine === newest) isLoading.value = false;
    }
  }

  async function sourceOf(value: Binary | string): Promise<{ url: string } | { data: Uint8Array }> {
    // The library takes what it is given away from us, to its worker.
    if (value instanceof Binary) return { data: (await value.bytes()).slice() };
    if (value.startsWith("data:")) return { data: bytesOfDataUrl(value) };
    const address = safeAddress(value, "frame");
    if (address === null) throw new Error("the address has a scheme that is not allowed here");
    return { url: application.resolveUrl(address) };
  }

  return { opened, isLoading, problem };
}

/** Read by hand: a policy for connections need not allow data: for this. */
function bytesOfDataUrl(address: string): Uint8Array {
  const comma = address.indexOf(",");
  const body = address.slice(comma + 1);
  const isBase64 = /;\s*base64$/i.test(address.slice(0, comma));
  const binary = isBase64 ? atob(decodeURIComponent(body)) : unescapeBytes(body);
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function unescapeBytes(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
