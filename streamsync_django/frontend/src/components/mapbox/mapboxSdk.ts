import { loadScript, loadStylesheet } from "../parts/loadScript";
import type { MapLibrary } from "./mapLibrary";

const FOLDER = "https://api.mapbox.com/mapbox-gl-js/v3.9.4/";

/** Load the SDK; its terms ask for theirs, from their own address. */
export async function loadMapboxSdk(): Promise<MapLibrary> {
  loadStylesheet(`${FOLDER}mapbox-gl.css`);
  // Its worker is a blob: the page's policy needs `worker-src blob:` beside Mapbox's hosts.
  await loadScript(`${FOLDER}mapbox-gl.js`);
  return (window as unknown as { mapboxgl: MapLibrary }).mapboxgl;
}
