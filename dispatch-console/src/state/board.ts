// The board as the live feed tells it: a pure reducer `(state, update) → state`.
// Reads no clock and no document: times come with the updates. Never guesses: after a gap it asks for a snapshot.

import { applyToIncident } from "./incident";
import { applyToResponder, located, moved } from "./responder";
import type { Event, Heartbeat, Incident, Message, Responder, Timeline } from "./types";

export interface Me {
  name: string;
  role: string;
  districts: string[];
}

export interface District {
  seq: number;
  incidents: Record<string, Incident>;
  responders: Record<string, Responder>;
  /** Incidents that the feed named and did not tell whole, with the last seq heard of each: to be asked for by id. */
  missing: Record<string, number>;
  /** The service could not keep up with this page: what is shown is old until the snapshot comes. */
  stale: boolean;
  /** The feed told something that does not fit what it told before. */
  gap: boolean;
}

export interface Board {
  me: Me | null;
  line: { up: boolean; lostAt: number | null; heardAt: number | null };
  /** The service's clock minus this page's, in ms. */
  skewMs: number;
  /** Districts that can take no alarm just now, and why. */
  unready: Record<string, string>;
  generation: string | null;
  districts: Record<string, District>;
  /** The incident on the screen, and what was heard of it since it was opened there. */
  watched: { incident: string; events: Event[] } | null;
  /** Rises with each snapshot: what was read beside the feed is read again. */
  epoch: number;
  /** Rises with each event of that concern: lists that are asked for are asked for again. */
  news: { calls: number; devices: number };
}

/** `at` is the page's own time in ms. */
export type Update =
  | { type: "signed_in"; me: Me }
  | { type: "signed_out" }
  | { type: "line_up"; at: number }
  | { type: "line_lost"; at: number }
  | { type: "incident_read"; incident: Timeline }
  | { type: "watched"; incident: string | null }
  | { type: "message"; message: Message; at: number };

export const EMPTY: Board = Object.freeze({
  me: null,
  line: { up: false, lostAt: null, heardAt: null },
  skewMs: 0,
  unready: {},
  generation: null,
  districts: {},
  watched: null,
  epoch: 0,
  news: { calls: 0, devices: 0 },
});

export function reduce(state: Board, update: Update): Board {
  switch (update.type) {
    case "signed_in":
      return { ...EMPTY, me: update.me };
    case "signed_out":
      return EMPTY;
    case "line_up":
      return { ...state, line: { up: true, lostAt: null, heardAt: update.at } };
    case "line_lost":
      return { ...state, line: { ...state.line, up: false, lostAt: state.line.lostAt ?? update.at } };
    case "incident_read":
      return read(state, update.incident);
    case "watched":
      return { ...state, watched: update.incident === null ? null : { incident: update.incident, events: [] } };
    case "message":
      return hear({ ...state, line: { ...state.line, heardAt: update.at } }, update.message, update.at);
  }
}

function hear(state: Board, message: Message, at: number): Board {
  if (message.heartbeat) return beat(state, message.heartbeat, at);
  const code = message.district;
  if (!code) return state;
  if (message.snapshot) return snapshot(state, code, message.snapshot, at + state.skewMs);
  if (message.resumed) return { ...state, generation: message.resumed.generation ?? state.generation };
  const district = state.districts[code];
  if (!district) return state;
  if (message.frame) return frame(state, code, district, message.frame);
  if (message.positions) {
    return withDistrict(state, code, { ...district, responders: moved(district.responders, message.positions) });
  }
  if (message.resync) return withDistrict(state, code, { ...district, stale: true });
  return state;
}

function beat(state: Board, heartbeat: Heartbeat, at: number): Board {
  return { ...state, skewMs: Date.parse(heartbeat.at) - at, unready: heartbeat.unready ?? {} };
}

function withDistrict(state: Board, code: string, district: District): Board {
  return { ...state, districts: { ...state.districts, [code]: district } };
}

function snapshot(state: Board, code: string, it: NonNullable<Message["snapshot"]>, now: number): Board {
  const incidents = Object.fromEntries(it.incidents.filter((each) => each.state === "open").map((each) => [each.id, each]));
  const responders = Object.fromEntries(it.responders.map((each) => [each.id, located(each, now)]));
  const district: District = { seq: it.seq, incidents, responders, missing: {}, stale: false, gap: false };
  const generation = it.generation ?? state.generation;
  return withDistrict({ ...state, generation, epoch: state.epoch + 1 }, code, district);
}

function read(state: Board, incident: Timeline): Board {
  const district = state.districts[incident.district];
  const heard = district?.missing[incident.id];
  if (!district || heard === undefined) return state;
  const { timeline, signals: _, ...whole } = incident;
  // What was read is older than what the feed has told: it is asked for again.
  if ((timeline.at(-1)?.seq ?? 0) < heard) return withDistrict(state, incident.district, { ...district, missing: { ...district.missing } });
  const { [incident.id]: _found, ...missing } = district.missing;
  const incidents = incident.state === "open" ? { ...district.incidents, [incident.id]: whole } : district.incidents;
  return withDistrict(state, incident.district, { ...district, missing, incidents });
}

function frame(state: Board, code: string, district: District, it: NonNullable<Message["frame"]>): Board {
  if (it.from > district.seq + 1) return withDistrict(state, code, { ...district, gap: true });
  const fresh = it.events.filter((event) => event.seq > district.seq);
  const told = fresh.reduce((known, event) => apply(known, event, code), district);
  const next = withDistrict(state, code, { ...told, seq: Math.max(district.seq, it.to) });
  return { ...next, watched: overheard(state.watched, fresh), news: news(state.news, fresh) };
}

function apply(district: District, event: Event, code: string): District {
  const { incidents, missing } = applyToIncident(district, event, code);
  return { ...district, incidents, missing, responders: applyToResponder(district.responders, event) };
}

function overheard(watched: Board["watched"], events: Event[]): Board["watched"] {
  const mine = watched ? events.filter((event) => event.incident === watched.incident) : [];
  return watched && mine.length > 0 ? { ...watched, events: [...watched.events, ...mine] } : watched;
}

function news(known: Board["news"], events: Event[]): Board["news"] {
  const count = (prefixes: string[]) => events.filter((event) => prefixes.some((it) => event.type.startsWith(it))).length;
  const calls = count(["call_"]);
  const devices = count(["device_", "outage_", "unknown_device"]);
  return calls + devices === 0 ? known : { calls: known.calls + calls, devices: known.devices + devices };
}

/** What the next hello asks for: the last seq of each district, or null for a snapshot. */
export function hello(state: Board) {
  const seen = (code: string) => {
    const it = state.districts[code];
    return it && !it.gap && !it.stale ? it.seq : null;
  };
  const districts = Object.fromEntries((state.me?.districts ?? []).map((code) => [code, seen(code)]));
  return { hello: { districts, ...(state.generation === null ? {} : { generation: state.generation }) } };
}

export function missing(state: Board): string[] {
  return Object.values(state.districts).flatMap((it) => Object.keys(it.missing));
}

export function hasGap(state: Board): boolean {
  return Object.values(state.districts).some((it) => it.gap);
}
