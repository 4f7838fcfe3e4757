// What the board means on a map. Pure; `now` and the base map's shift are arguments.

import type { Feature, FeatureCollection } from "geojson";
import { cellToBoundary } from "h3-js";
import type { Cell } from "../../api/coming";
import { queue, responders } from "../../state/queue";
import type { Board } from "../../state/board";
import type { Incident } from "../../state/types";

/** WGS-84 to what the base map is drawn in. */
export type Shift = (lon: number, lat: number) => [number, number];

/** After this a position says little about where somebody is now, in ms. */
const FADED_MS = 10 * 60_000;
const FAINTEST = 0.35;

const collection = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });

function point(lon: number, lat: number, shift: Shift, properties: Record<string, unknown>): Feature {
  return { type: "Feature", geometry: { type: "Point", coordinates: shift(lon, lat) }, properties };
}

export function incidentFeatures(board: Board, chosen: string | null, shift: Shift): FeatureCollection {
  const placed = queue(board, 0).filter((it) => it.place?.lon !== undefined && it.place.lat !== undefined);
  return collection(placed.map((it) => point(it.place?.lon ?? 0, it.place?.lat ?? 0, shift, { id: it.id, urgency: it.urgency, chosen: it.id === chosen })));
}

export function responderFeatures(board: Board, chosen: Incident | undefined, now: number, shift: Shift): FeatureCollection {
  const onDuty = responders(board).filter((it) => it.duty && it.place);
  return collection(
    onDuty.map((it) => {
      const mine = chosen !== undefined && it.assignment?.incident === chosen.id;
      const age = it.placeAt === null ? FADED_MS / 2 : now - it.placeAt;
      // In steps: a shade that nobody sees is not worth a drawing.
      const freshness = Math.round(Math.max(FAINTEST, 1 - (age / FADED_MS) * (1 - FAINTEST)) * 10) / 10;
      const look = it.state === "free" ? (it.heading === null ? "still" : "free") : it.state === "offered" ? "asked" : "way";
      const name = mine ? { name: it.name ?? it.id } : {};
      return point(it.place?.lon ?? 0, it.place?.lat ?? 0, shift, { look, heading: it.heading ?? 0, freshness, ...name });
    }),
  );
}

/** From who is under way to where they are going. */
export function routeFeatures(board: Board, chosen: Incident | undefined, shift: Shift): FeatureCollection {
  const to = chosen?.place;
  if (to?.lon === undefined || to.lat === undefined) return collection([]);
  const target = shift(to.lon, to.lat);
  const going = responders(board).filter((it) => it.assignment?.incident === chosen?.id && ["accepted", "en_route"].includes(it.state) && it.place);
  return collection(
    going.map((it) => ({
      type: "Feature",
      geometry: { type: "LineString", coordinates: [shift(it.place?.lon ?? 0, it.place?.lat ?? 0), target] },
      properties: {},
    })),
  );
}

export function cellFeatures(cells: Cell[], shift: Shift): FeatureCollection {
  return collection(
    cells.map((it) => ({
      type: "Feature",
      geometry: { type: "Polygon", coordinates: [cellToBoundary(it.cell, true).map(([lon, lat]) => shift(lon, lat))] },
      properties: { state: it.state },
    })),
  );
}

export interface Named {
  name: string;
  lon: number;
  lat: number;
}

/** `硖石街道东山社区1幢101室` is in 东山社区: the name of a neighbourhood or village, where an address has one. */
export function neighbourhood(address: string): string | null {
  const last = address.match(/^(?:.*?(?:街道|镇|乡))?(.+?(?:社区|村))/)?.[1];
  return last && last.length <= 8 ? last : null;
}

/** One label for each name, in the middle of what has it. */
export function labelFeatures(places: Named[], shift: Shift): FeatureCollection {
  const byName = new Map<string, Named[]>();
  for (const it of places) byName.set(it.name, [...(byName.get(it.name) ?? []), it]);
  const middle = (of: Named[], key: "lon" | "lat") => of.reduce((sum, it) => sum + it[key], 0) / of.length;
  return collection([...byName].map(([name, of]) => point(middle(of, "lon"), middle(of, "lat"), shift, { name })));
}

export function boundsOf(points: { lon: number; lat: number }[]): [number, number, number, number] | null {
  if (points.length === 0) return null;
  const lons = points.map((it) => it.lon);
  const lats = points.map((it) => it.lat);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
