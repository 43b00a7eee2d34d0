import { mount } from "@vue/test-utils";
import { expect, test } from "vitest";
import { defineComponent } from "vue";

import { StreamsyncError } from "../../core/errors";
import { componentKey, type ComponentHandle, type UploadReference } from "../handle";
import { type Uploads, useUploads } from "./useUploads";

const LIMIT = 1536;

/** Uploads of a component whose server answers like this. */
function open(upload: (name: string) => Promise<UploadReference>): Uploads {
  const application = {
    locale: "en",
    maxUploadBytes: LIMIT,
    maxUploadFiles: 3,
    upload: (_file: Blob, name: string) => upload(name),
  };
  const handle = { application, id: "files" } as unknown as ComponentHandle;
  let uploads!: Uploads;
  const Taker = defineComponent(() => {
    uploads = useUploads();
    return () => null;
  });
  mount(Taker, { global: { provide: { [componentKey as symbol]: handle } } });
  return uploads;
}

const file = (bytes: number, name = "a.txt"): File => new File([new Uint8Array(bytes)], name);

test("what is too large together is not sent at all", async () => {
  const uploads = open(() => expect.unreachable());
  expect(await uploads.send([file(1000), file(1000)])).toBeNull();
  expect(uploads.problem.value).toBe(
    "These files are larger than 1.5 kB together. Choose fewer or smaller ones.",
  );
});

test("more files than are taken at once are not sent at all", async () => {
  const uploads = open(() => expect.unreachable());
  expect(await uploads.send(["a", "b", "c", "d"].map((name) => file(1, name)))).toBeNull();
  expect(uploads.problem.value).toBe("At most 3 files are taken at once. Choose fewer.");
});

test.each([
  [
    new StreamsyncError("upload.too-large", { status: 413, limit: 15 }, "app"),
    "These files are larger than 15 bytes together. Choose fewer or smaller ones.",
  ],
  [
    new StreamsyncError("upload.type", { status: 415, name: "a.txt" }, "app"),
    "a.txt is of a kind that is not taken here.",
  ],
  [new StreamsyncError("upload.refused", { status: 413 }, "app"), "The files were not accepted."],
  [new StreamsyncError("upload.failed", {}, "network"), "The upload did not work. Try again."],
])("of %s visitors read what they can do", async (error, text) => {
  const uploads = open(() => Promise.reject(error));
  expect(await uploads.send([file(5)])).toBeNull();
  expect([uploads.problem.value, uploads.progress.value]).toEqual([text, null]);
});

test("what was sent is named in the order it was chosen, and an earlier problem is gone", async () => {
  const uploads = open((name) => Promise.resolve({ upload: "t", name, type: "", size: 5 }));
  await uploads.send([file(LIMIT + 1)]);
  const sent = await uploads.send([file(5, "b.txt"), file(0, "a.txt")]);
  expect(sent?.map(({ name }) => name)).toEqual(["b.txt", "a.txt"]);
  expect(uploads.problem.value).toBeNull();
});
