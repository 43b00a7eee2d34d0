/** The renderer's entry: everything a visitor's page loads starts here. */
import "../ui/tokens.css";
import "../ui/base.css";

import { createApp } from "vue";

import type { Boot } from "../core/messages";
import RendererApp from "../renderer/RendererApp.vue";

const boot = JSON.parse(document.getElementById("streamsync-boot")?.textContent ?? "null") as Boot | null;
if (boot) createApp(RendererApp, { boot }).mount("#streamsync");
else console.error("streamsync: the page carries no #streamsync-boot");
