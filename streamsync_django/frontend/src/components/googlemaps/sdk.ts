/** The part of the Google Maps SDK that this component uses. */
import { loadScript } from "../parts/loadScript";

export interface LatLng {
  lat: number;
  lng: number;
}

export interface GoogleMap {
  setCenter(center: LatLng): void;
  setZoom(zoom: number): void;
  setMapTypeId(type: string): void;
  addListener(event: "click", listener: (event: { latLng: { toJSON(): LatLng } | null }) => void): unknown;
}

export interface GoogleMarker {
  map: GoogleMap | null;
  addListener(event: "click", listener: () => void): unknown;
}

export interface MapsSdk {
  Map: new (element: HTMLElement, options: Record<string, unknown>) => GoogleMap;
  AdvancedMarkerElement: new (options: Record<string, unknown>) => GoogleMarker;
}

interface GoogleNamespace {
  maps: { importLibrary(name: string): Promise<unknown> };
}

const CALLBACK = "__streamsyncGoogleMaps";
let sdk: Promise<MapsSdk> | undefined;

/** Load the SDK with the first key that is given; a page has one. */
export function loadMapsSdk(key: string, onRefused: () => void): Promise<MapsSdk> {
  const page = window as unknown as Record<string, unknown>;
  // Google calls this function when it refuses the key, and says so nowhere else.
  page["gm_authFailure"] = onRefused;
  sdk ??= load(key, page).catch((error: unknown) => {
    sdk = undefined;
    throw error;
  });
  return sdk;
}

async function load(key: string, page: Record<string, unknown>): Promise<MapsSdk> {
  const ready = new Promise<void>((resolve) => (page[CALLBACK] = resolve));
  const query = new URLSearchParams({ key, v: "weekly", loading: "async", callback: CALLBACK });
  await loadScript(`https://maps.googleapis.com/maps/api/js?${query}`);
  await ready;
  const { maps } = page["google"] as GoogleNamespace;
  const [drawing, marking] = await Promise.all([maps.importLibrary("maps"), maps.importLibrary("marker")]);
  return { ...(drawing as MapsSdk), ...(marking as MapsSdk) };
}
