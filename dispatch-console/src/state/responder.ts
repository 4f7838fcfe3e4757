// What events and positions change on the responders of the board.

import type { Event, Message, Position, Responder } from "./types";

type Told = NonNullable<Message["snapshot"]>["responders"][number];

/** An age that was true once becomes a time that stays true. */
export function located(told: Told, now: number): Responder {
  const { place_age_s: age, ...rest } = told;
  return { ...rest, placeAt: age === null || age === undefined ? null : now - age * 1000, heading: null };
}

/** Less than this is a receiver's noise, not a move, in degrees: about 5 m. */
const NOISE_DEG = 0.00005;

export function moved(known: Record<string, Responder>, positions: Position[]): Record<string, Responder> {
  const responders = { ...known };
  for (const { responder: id, lat, lon, at } of positions) {
    const it = responders[id];
    const placeAt = Date.parse(at);
    if (!it || (it.placeAt !== null && it.placeAt > placeAt)) continue;
    responders[id] = { ...it, place: { lat, lon }, placeAt, heading: headingOf(it, lat, lon) };
  }
  return responders;
}

function headingOf(it: Responder, lat: number, lon: number): number | null {
  if (!it.place) return it.heading;
  const north = lat - it.place.lat;
  const east = (lon - it.place.lon) * Math.cos((lat * Math.PI) / 180);
  if (Math.abs(north) < NOISE_DEG && Math.abs(east) < NOISE_DEG) return it.heading;
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360;
}

/** The state of a responder after an event that names them. */
const STATES: Record<string, Responder["state"]> = {
  offer_made: "offered",
  offer_accepted: "accepted",
  offer_declined: "free",
  offer_expired: "free",
  offer_withdrawn: "free",
  responder_en_route: "en_route",
  responder_at_door: "at_door",
  responder_inside: "inside",
  responder_clear: "free",
};

export function applyToResponder(known: Record<string, Responder>, event: Event): Record<string, Responder> {
  const responder = event.responder ? known[event.responder] : undefined;
  const change = responder && changeOf(responder, event);
  return responder && change ? { ...known, [responder.id]: { ...responder, ...change } } : known;
}

function changeOf(responder: Responder, event: Event): Partial<Responder> | null {
  if (event.type === "duty_changed") {
    const duty = event.on as boolean;
    return { duty, state: responder.assignment ? responder.state : duty ? "free" : "off_duty" };
  }
  const state = STATES[event.type];
  // Whoever is asked to turn is on the way until they say yes.
  if (!state || (event.type === "offer_made" && event.turns)) return null;
  if (state !== "free") return { state, assignment: { incident: event.incident ?? "", offer: event.offer ?? "" } };
  // An old offer that ends late must not free somebody who is under way for another.
  if (responder.assignment && responder.assignment.offer !== event.offer) return null;
  return { state: responder.duty ? "free" : "off_duty", assignment: null };
}
