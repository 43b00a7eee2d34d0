import {
  getDocument,
  GlobalWorkerOptions,
  TextLayer,
  type PDFDocumentLoadingTask,
  type PDFDocumentProxy,
  type PDFPageProxy,
} from "pdfjs-dist";
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";

GlobalWorkerOptions.workerSrc = workerUrl;
const folder = import.meta.url.replace(/\/(chunks\/)?[^/]*$/, "/pdf/");

/** Begin to load a document. Nothing in it is run: no scripts, no WebAssembly, no `eval`. */
export function openDocument(source: { url: string } | { data: Uint8Array }): PDFDocumentLoadingTask {
  return getDocument({
    ...source,
    cMapUrl: `${folder}cmaps/`,
    standardFontDataUrl: `${folder}standard_fonts/`,
    isEvalSupported: false,
    useWasm: false,
    enableXfa: false,
  });
}

export { TextLayer, type PDFDocumentLoadingTask, type PDFDocumentProxy, type PDFPageProxy };
