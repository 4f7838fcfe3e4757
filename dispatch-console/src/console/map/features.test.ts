import { expect, test } from "vitest";
import { EMPTY, type Board } from "../../state/board";
import type { Incident, Responder } from "../../state/types";
import { toGcj02 } from "./datum";
import { homeFeatures, incidentFeatures, labelFeatures, responderFeatures, routeFeatures } from "./features";
import { placeOf, sampled, villagesOf } from "./places";

const NOW = Date.parse("2026-11-21T23:00:00Z");
const HERE = { lat: 30.53, lon: 120.68 };
const as = (lon: number, lat: number): [number, number] => [lon, lat];
const minutes = (n: number) => `${n} min`;

const responder = (more: Partial<Responder>): Responder => ({ id: "R-1", name: "Zhou", tier: "staff", duty: true, state: "free", place: HERE, assignment: null, placeAt: NOW, heading: null, ...more });
const incident = (more: Partial<Incident>): Incident => ({
  id: "330481-1", district: "330481", state: "open", kind: "sos", urgency: 2, presses: 1, subject: "S-1", subjects: ["S-1"], premises: null, place: { ...HERE, source: "fix", age_s: 0 }, class: "urban",
  opened_at: "", door_due_at: "", answer_due_at: "", owner: null, assignments: [], tasks: [], disposition: null, opened_by: "signal", round: 1, rung: "nearest", ...more,
});
function board(incidents: Incident[], responders: Responder[]): Board {
  const byId = <T extends { id: string }>(all: T[]) => Object.fromEntries(all.map((it) => [it.id, it]));
  return { ...EMPTY, districts: { "330481": { seq: 1, incidents: byId(incidents), responders: byId(responders), missing: {}, stale: false, gap: false } } };
}

test("a position fades with its age, and never quite goes", () => {
  const shade = (ageMs: number) => responderFeatures(board([], [responder({ placeAt: NOW - ageMs })]), undefined, NOW, as, minutes).features[0]?.properties?.freshness;
  expect([0, 5 * 60_000, 60 * 60_000].map(shade)).toEqual([1, 0.7, 0.4]);
});

test("who is under way to the chosen incident has a name, the minutes left and a line; others have not", () => {
  const going = { responder: "R-1", offer: "o1", state: "en_route", at: "", arrival_at: new Date(NOW + 6 * 60_000).toISOString() } as const;
  const chosen = incident({ assignments: [going] });
  const known = board([chosen], [responder({ state: "en_route", assignment: { incident: chosen.id, offer: "o1" } }), responder({ id: "R-2", name: "Wang" })]);
  expect(responderFeatures(known, chosen, NOW, as, minutes).features.map((it) => it.properties?.name)).toEqual(["Zhou 6 min", undefined]);
  expect(routeFeatures(known, chosen, as).features).toHaveLength(1);
  expect(routeFeatures(known, undefined, as).features).toHaveLength(0);
});

test("over a shifted base map everything is shifted", () => {
  const [feature] = incidentFeatures(board([incident({})], []), null, toGcj02).features;
  expect(feature?.geometry).toEqual({ type: "Point", coordinates: toGcj02(HERE.lon, HERE.lat) });
});

test("homes are those of persons with an open incident", () => {
  const person = (id: string) => ({ id, name: id, lon: 1, lat: 2 }) as Parameters<typeof homeFeatures>[1][number];
  expect(homeFeatures(board([incident({})], []), [person("S-1"), person("S-2")], as).features.map((it) => it.properties?.name)).toEqual(["S-1"]);
});

test("an address tells its town and its village", () => {
  expect(placeOf("硖石街道东山社区1幢101室")).toEqual({ town: "硖石", name: "东山社区" });
  expect(placeOf("许村镇永福村12号")).toEqual({ town: "许村", name: "永福村" });
  expect(placeOf("虚构路3号")).toBeNull();
});

test("a village is in the middle of its homes, and a town in the middle of its villages", () => {
  const home = (address: string, lat: number) => ({ address, village: "330481001003", lat, lon: 120 });
  const villages = villagesOf([home("硖石街道东山社区1幢", 30), home("硖石街道东山社区2幢", 32), home("硖石街道南苑社区2幢", 33)]);
  expect(villages.map((it) => [it.name, it.lat])).toEqual([["东山社区", 31], ["南苑社区", 33]]);
  expect(labelFeatures(villages, as).features.map((it) => [it.properties?.rank, it.properties?.name])).toEqual([["town", "硖石"], ["village", "东山社区"], ["village", "南苑社区"]]);
});

test("a sample is spread over all", () => {
  expect(sampled([1, 2, 3, 4, 5, 6, 7, 8], 4)).toEqual([1, 3, 5, 7]);
  expect(sampled([1, 2], 4)).toEqual([1, 2]);
});
