/** The part of Mapbox GL JS that this component uses. */
import { loadScript, loadStylesheet } from "../parts/loadScript";

export interface MapboxMap {
  on(event: "click", listener: (event: { lngLat: { lat: number; lng: number } }) => void): void;
  on(event: "error", listener: (event: { error?: { status?: number; message?: string } }) => void): void;
  setStyle(style: string): void;
  jumpTo(options: { center?: [number, number]; zoom?: number }): void;
  addControl(control: object, position?: string): void;
  removeControl(control: object): void;
  resize(): void;
  remove(): void;
}

export interface MapboxMarker {
  setLngLat(position: [number, number]): MapboxMarker;
  addTo(map: MapboxMap): MapboxMarker;
  remove(): void;
  getElement(): HTMLElement;
}

export interface MapboxSdk {
  Map: new (options: Record<string, unknown>) => MapboxMap;
  Marker: new (options?: Record<string, unknown>) => MapboxMarker;
  NavigationControl: new () => object;
}

const FOLDER = "https://api.mapbox.com/mapbox-gl-js/v3.9.4/";

/** Load the SDK; its terms ask for theirs, from their own address. */
export async function loadMapboxSdk(): Promise<MapboxSdk> {
  loadStylesheet(`${FOLDER}mapbox-gl.css`);
  // Its worker is a blob: the page's policy needs `worker-src blob:` beside Mapbox's hosts.
  await loadScript(`${FOLDER}mapbox-gl.js`);
  return (window as unknown as { mapboxgl: MapboxSdk }).mapboxgl;
}
