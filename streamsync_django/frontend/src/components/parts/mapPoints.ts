export interface MapMarker {
  readonly lat: number;
  readonly lng: number;
  readonly name: string;
  /** As the author gave it: what the event of a click carries. */
  readonly given: Readonly<Record<string, unknown>>;
}

/** Read a list of markers; a text says why it is none. */
export function readMarkers(value: unknown): MapMarker[] | string {
  if (value === null || value === undefined || value === "") return [];
  if (!Array.isArray(value)) return "“Markers” must be a list of objects with lat, lng and name.";
  const markers: MapMarker[] = [];
  for (const [at, item] of (value as unknown[]).entries()) {
    const given = (typeof item === "object" && item !== null ? item : {}) as Record<string, unknown>;
    const [lat, lng] = [coordinate(given["lat"], 90), coordinate(given["lng"], 180)];
    if (lat === null || lng === null)
      return `Marker ${at + 1} needs lat (-90 to 90) and lng (-180 to 180) as numbers.`;
    const name = given["name"];
    markers.push({
      lat,
      lng,
      name: typeof name === "string" || typeof name === "number" ? String(name) : "",
      given,
    });
  }
  return markers;
}

/** A coordinate within its bounds; null otherwise. */
export function coordinate(value: unknown, bound: number): number | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Math.abs(number) <= bound ? number : null;
}
