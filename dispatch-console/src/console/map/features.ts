// What the board means on a map. Pure; `now` and the base map's shift are arguments.

import type { Feature, FeatureCollection } from "geojson";
import { cellToBoundary, cellToLatLng } from "h3-js";
import type { Cell } from "../../api/figures";
import type { Person } from "../../api/people";
import { queue, responders } from "../../state/queue";
import type { Board } from "../../state/board";
import type { Incident } from "../../state/types";
import { middle, type Village } from "./places";

/** WGS-84 to what the base map is drawn in. */
export type Shift = (lon: number, lat: number) => [number, number];

/** After this a position says little about where somebody is now, in ms. */
const FADED_MS = 10 * 60_000;
const FAINTEST = 0.35;

const GOING = ["offered", "accepted", "en_route", "at_door", "inside"];

const collection = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });

function point(lon: number, lat: number, shift: Shift, properties: Record<string, unknown>): Feature {
  return { type: "Feature", geometry: { type: "Point", coordinates: shift(lon, lat) }, properties };
}

export function incidentFeatures(board: Board, chosen: string | null, shift: Shift): FeatureCollection {
  const placed = queue(board, 0).filter((it) => it.place?.lon !== undefined && it.place.lat !== undefined);
  return collection(placed.map((it) => point(it.place?.lon ?? 0, it.place?.lat ?? 0, shift, { id: it.id, urgency: it.urgency, chosen: it.id === chosen })));
}

/** `minutes` writes how long somebody still needs. */
export function responderFeatures(board: Board, chosen: Incident | undefined, now: number, shift: Shift, minutes: (n: number) => string): FeatureCollection {
  const onDuty = responders(board).filter((it) => it.duty && it.place);
  return collection(
    onDuty.map((it) => {
      const age = it.placeAt === null ? FADED_MS / 2 : now - it.placeAt;
      // In steps: a shade that nobody sees is not worth a drawing.
      const freshness = Math.round(Math.max(FAINTEST, 1 - (age / FADED_MS) * (1 - FAINTEST)) * 10) / 10;
      const look = it.state === "free" ? (it.heading === null ? "still" : "free") : it.state === "offered" ? "asked" : "way";
      const theirs = chosen?.assignments.findLast((each) => each.responder === it.id && GOING.includes(each.state));
      const left = theirs?.arrival_at ? Date.parse(theirs.arrival_at) - now : 0;
      const name = theirs ? { name: [it.name ?? it.id, left > 0 ? minutes(Math.max(1, Math.round(left / 60_000))) : ""].join(" ").trim() } : {};
      return point(it.place?.lon ?? 0, it.place?.lat ?? 0, shift, { look, heading: Math.round(it.heading ?? 0), freshness, ...name });
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

/** Towns, each in the middle of its villages, and the villages. */
export function labelFeatures(villages: Village[], shift: Shift): FeatureCollection {
  const towns = new Map<string, Village[]>();
  for (const it of villages) if (it.town) towns.set(it.town, [...(towns.get(it.town) ?? []), it]);
  const label = (name: string, rank: string, at: { lat: number; lon: number }) => point(at.lon, at.lat, shift, { name, rank });
  return collection([...[...towns].map(([name, of]) => label(name, "town", middle(of))), ...villages.map((it) => label(it.name, "village", it))]);
}

/** Where the persons of open incidents live: not always where they are. */
export function homeFeatures(board: Board, known: Person[], shift: Shift): FeatureCollection {
  const wanted = new Set(queue(board, 0).flatMap((it) => it.subjects));
  return collection(known.filter((it) => wanted.has(it.id)).map((it) => point(it.lon, it.lat, shift, { name: it.name })));
}

export function boundsOf(points: { lon: number; lat: number }[], shift: Shift): [number, number, number, number] | null {
  if (points.length === 0) return null;
  const drawn = points.map((it) => shift(it.lon, it.lat));
  const [lons, lats] = [drawn.map(([lon]) => lon), drawn.map(([, lat]) => lat)];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

/** Everything that a first look at the map should have in it. */
export function extentOf(board: Board, cells: Cell[]): { lon: number; lat: number }[] {
  const people = responders(board).flatMap((it) => (it.place ? [it.place] : []));
  const covered = cells.map((it) => cellToLatLng(it.cell)).map(([lat, lon]) => ({ lat, lon }));
  return covered.length > 0 ? covered : people;
}
