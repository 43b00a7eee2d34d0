/** The renderer's entry: everything a visitor's page loads starts here. */
import "../ui/tokens.css";
import "../ui/base.css";

import { createApp } from "vue";

import type { Boot } from "../core/messages";
import { speak } from "../core/texts";
import RendererApp from "../renderer/RendererApp.vue";

const boot = JSON.parse(document.getElementById("streamsync-boot")?.textContent ?? "null") as Boot | null;
if (boot) void open(boot);
else console.error("streamsync: the page carries no #streamsync-boot");

/** Language and custom types are known before anything is drawn; a page in English without them waits for nothing. */
async function open(boot: Boot): Promise<void> {
  const extensions = boot.extensions.length > 0 ? import("../renderer/extensions") : null;
  await speak(boot.locale);
  (await extensions)?.registerExtensions(boot.extensions);
  createApp(RendererApp, { boot }).mount("#streamsync");
}
