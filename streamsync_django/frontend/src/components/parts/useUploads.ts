import { onBeforeUnmount, shallowRef, type ShallowRef } from "vue";

import { type UploadReference, useComponent } from "../contract";
import { fill, texts } from "../../core/texts";

/** All files of one event together. */
export const MAX_TOTAL_BYTES = 200 * 1024 * 1024;

export interface Uploads {
  /** 0 to 1 while files are under way, else null. */
  progress: ShallowRef<number | null>;
  names: ShallowRef<string[]>;
  problem: ShallowRef<string | null>;
  /** Send files; null when it failed or was cancelled, and `problem` says why. */
  send: (files: readonly File[]) => Promise<UploadReference[] | null>;
  cancel: () => void;
}

/** Upload files one after another, with one progress over all of them. */
export function useUploads(): Uploads {
  const { application, id: component } = useComponent();
  const progress = shallowRef<number | null>(null);
  const names = shallowRef<string[]>([]);
  const problem = shallowRef<string | null>(null);
  let controller: AbortController | undefined;

  async function send(files: readonly File[]): Promise<UploadReference[] | null> {
    const total = files.reduce((sum, file) => sum + file.size, 0);
    if (total > MAX_TOTAL_BYTES) {
      problem.value = texts.filesTooLarge;
      return null;
    }
    controller?.abort();
    const mine = (controller = new AbortController());
    problem.value = null;
    names.value = files.map((file) => file.name);
    progress.value = 0;
    try {
      return await sendAll(files, total, mine.signal);
    } catch (error) {
      if (!mine.signal.aborted) problem.value = fill(texts.uploadFailed, { reason: messageOf(error) });
      return null;
    } finally {
      if (mine === controller) progress.value = null;
    }
  }

  async function sendAll(
    files: readonly File[],
    total: number,
    signal: AbortSignal,
  ): Promise<UploadReference[]> {
    const references: UploadReference[] = [];
    let sent = 0;
    for (const file of files) {
      const onProgress = (fraction: number): void => {
        if (!signal.aborted) progress.value = total === 0 ? 1 : (sent + fraction * file.size) / total;
      };
      references.push(await application.upload(file, file.name, { onProgress, signal, component }));
      signal.throwIfAborted();
      sent += file.size;
    }
    return references;
  }

  function cancel(): void {
    controller?.abort();
    progress.value = null;
  }

  onBeforeUnmount(cancel);
  return { progress, names, problem, send, cancel };
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message ? error.message : texts.tryAgain;
}
