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
const NOT_ACCEPTED = "Google does not accept this map's API key.";

/** What this page has asked Google for; it can be asked with one key only. */
let asked: { readonly key: string; readonly sdk: Promise<MapsSdk> } | undefined;
let isRefused = false;
const maps = new Set<(reason: string) => void>();

/** Be told when Google refuses the page's key, at any time after a map was made; returns what ends it. */
export function onRefusal(tell: (reason: string) => void): () => void {
  maps.add(tell);
  return () => maps.delete(tell);
}

/** Load the SDK with the first key that Google answers; rejects with a reason that a map may show. */
export async function loadMapsSdk(key: string): Promise<MapsSdk> {
  for (let before = asked; before && before.key !== key; before = asked) {
    await before.sdk.catch(() => undefined);
    if (asked === before)
      throw new Error("This page has loaded Google Maps with another API key: reload it to use this one.");
  }
  if (isRefused) throw new Error(NOT_ACCEPTED);
  asked ??= { key, sdk: load(key).catch(giveUp) };
  return asked.sdk;
}

/** What could not be loaded may be tried again. */
function giveUp(error: unknown): never {
  asked = undefined;
  const reason = error instanceof Error ? error.message : String(error);
  throw new Error(`The map could not be loaded: ${reason}`, { cause: error });
}

async function load(key: string): Promise<MapsSdk> {
  const page = window as unknown as Record<string, unknown>;
  // Google calls this function when it refuses the key, and says so nowhere else.
  page["gm_authFailure"] = () => {
    isRefused = true;
    for (const tell of maps) tell(NOT_ACCEPTED);
  };
  const ready = new Promise<void>((resolve) => (page[CALLBACK] = resolve));
  const query = new URLSearchParams({ key, v: "weekly", loading: "async", callback: CALLBACK });
  await loadScript(`https://maps.googleapis.com/maps/api/js?${query}`);
  await ready;
  const google = page["google"] as GoogleNamespace;
  const [drawing, marking] = await Promise.all([
    google.maps.importLibrary("maps"),
    google.maps.importLibrary("marker"),
  ]);
  return { ...(drawing as MapsSdk), ...(marking as MapsSdk) };
}
