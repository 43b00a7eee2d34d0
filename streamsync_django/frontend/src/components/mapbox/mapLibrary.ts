/** What this component uses of Mapbox GL JS and MapLibre GL JS alike: the second came from the first. */
export interface DrawnMap {
  on(event: "click", listener: (event: { lngLat: { lat: number; lng: number } }) => void): unknown;
  on(event: "error", listener: (event: { error?: { status?: number; message?: string } }) => void): unknown;
  on(event: "style.load", listener: () => void): unknown;
  setStyle(style: string | object, options: { diff: boolean }): unknown;
  jumpTo(options: { center?: [number, number]; zoom?: number }): unknown;
  addControl(control: object, position?: string): unknown;
  removeControl(control: object): unknown;
  remove(): void;
}

export interface DrawnMarker {
  setLngLat(position: [number, number]): DrawnMarker;
  addTo(map: DrawnMap): DrawnMarker;
  remove(): unknown;
  getElement(): HTMLElement;
}

export interface MapLibrary {
  Map: new (options: Record<string, unknown>) => DrawnMap;
  Marker: new (options?: Record<string, unknown>) => DrawnMarker;
  NavigationControl: new () => object;
}

/** Styles of Mapbox are drawn by its own library, with the author's token; all others by the one we bring. */
export async function loadMapLibrary(isMapbox: boolean): Promise<MapLibrary> {
  if (isMapbox) return (await import("./mapboxSdk")).loadMapboxSdk();
  return (await import("./maplibre")).loadMapLibre();
}
