/** The renderer's entry: everything a visitor's page loads starts here. */
import "../ui/tokens.css";
import "../ui/base.css";

import { createApp } from "vue";

import type { Boot } from "../core/messages";
import RendererApp from "../renderer/RendererApp.vue";

const boot = JSON.parse(document.getElementById("streamsync-boot")?.textContent ?? "null") as Boot | null;
if (boot) void open(boot);
else console.error("streamsync: the page carries no #streamsync-boot");

async function open(boot: Boot): Promise<void> {
  if (boot.extensions.length > 0) {
    const { registerExtensions } = await import("../renderer/extensions");
    registerExtensions(boot.extensions);
  }
  createApp(RendererApp, { boot }).mount("#streamsync");
}
