import { onBeforeUnmount, shallowRef, type ShallowRef } from "vue";

import { type OpenApplication, type UploadReference, useComponent } from "../contract";
import { StreamsyncError } from "../../core/errors";
import { fill, texts, writeNumber } from "../../core/texts";
import { writeSize } from "./writeSize";

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
    if (files.length > application.maxUploadFiles) {
      problem.value = fill(texts.tooManyFiles, { count: writeNumber(application.maxUploadFiles) });
      return null;
    }
    const total = files.reduce((sum, file) => sum + file.size, 0);
    if (total > application.maxUploadBytes) {
      problem.value = tooLarge(application.maxUploadBytes, application);
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
      if (!mine.signal.aborted) problem.value = reasonOf(error, application);
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

function tooLarge(limit: number, { locale }: OpenApplication): string {
  return fill(texts.filesTooLarge, { size: writeSize(limit, locale) });
}

/** Say in the visitor's language why files were not taken: the server's own words are for developers. */
function reasonOf(error: unknown, application: OpenApplication): string {
  if (!(error instanceof StreamsyncError) || error.attribution === "network") {
    return fill(texts.uploadFailed, { reason: texts.tryAgain });
  }
  const { limit, name } = error.facts;
  if (error.code === "upload.too-large" && typeof limit === "number") return tooLarge(limit, application);
  if (error.code === "upload.type") return fill(texts.fileNotTaken, { name: String(name) });
  return texts.filesRefused;
}
