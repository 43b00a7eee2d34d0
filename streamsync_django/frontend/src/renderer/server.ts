import type { UploadOptions, UploadReference } from "../components/contract";
import { StreamsyncError } from "../core/errors";

const TICKET_WITHIN_MS = 10_000;

/** Get a new ticket. Refusals are the application's word; everything else is the network's. */
export async function renewTicket(url: string, csrfToken: string): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "X-CSRFToken": csrfToken },
    signal: AbortSignal.timeout(TICKET_WITHIN_MS),
  });
  if (!response.ok) {
    const isRefusal = response.status === 401 || response.status === 403 || response.status === 404;
    throw new StreamsyncError("ticket.refused", { status: response.status }, isRefusal ? "app" : "network");
  }
  return ((await response.json()) as { ticket: string }).ticket;
}

/** Files taken, or why not; a proxy's refusal is neither. */
interface UploadAnswer {
  files?: UploadReference[];
  code?: string;
  message?: string;
  /** The most bytes that would have been taken. */
  limit?: number;
}

/** Send one file to an address that names the session. XMLHttpRequest, because fetch tells nothing of an upload's progress. */
export function uploadFile(
  url: string,
  csrfToken: string,
  file: Blob,
  name: string,
  { onProgress, signal, component }: UploadOptions = {},
): Promise<UploadReference> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append("file", file, name);
    request.open("POST", component ? `${url}&component=${encodeURIComponent(component)}` : url);
    request.setRequestHeader("X-CSRFToken", csrfToken);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(total ? loaded / total : 0);
    request.onerror = () => {
      reject(new StreamsyncError("upload.failed", { name }, "network"));
    };
    request.onabort = () => {
      reject(new StreamsyncError("upload.aborted", { name }, "app"));
    };
    request.onload = () => {
      const answer = request.response as UploadAnswer | null;
      const [reference] = answer?.files ?? [];
      if (request.status < 300 && reference) {
        resolve(reference);
      } else {
        const { code = "upload.refused", ...facts } = answer ?? {};
        reject(new StreamsyncError(code, { status: request.status, name, ...facts }, "app"));
      }
    };
    signal?.addEventListener("abort", () => {
      request.abort();
    });
    request.send(form);
  });
}
