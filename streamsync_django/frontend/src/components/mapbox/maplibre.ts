import { Map, Marker, NavigationControl, setWorkerUrl } from "maplibre-gl";
import stylesheet from "maplibre-gl/dist/maplibre-gl.css?url";
import worker from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";

import { loadStylesheet } from "../parts/loadScript";
import type { MapLibrary } from "./mapLibrary";

/** The library that comes with us; its worker is a file of ours, so that no policy has to allow `blob:`. */
export function loadMapLibre(): MapLibrary {
  setWorkerUrl(worker);
  loadStylesheet(stylesheet);
  return { Map, Marker, NavigationControl } as unknown as MapLibrary;
}
