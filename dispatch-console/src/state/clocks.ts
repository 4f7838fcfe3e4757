// The clocks of one incident, from its timeline: since the call, and since the decision. Pure.

import type { Event } from "./types";

export type Milestone = "received" | "answered" | "offered" | "accepted" | "at_door" | "inside" | "clear";

export type Clocks = Record<Milestone, number | null>;

const FIRST: Record<string, Milestone> = {
  incident_opened: "received",
  incident_claimed: "answered",
  call_answered: "answered",
  offer_made: "offered",
  offer_accepted: "accepted",
  responder_at_door: "at_door",
  responder_inside: "inside",
  responder_clear: "clear",
};

/** When each thing first happened in the present round, in ms. A status counts by its own time. */
export function clocks(timeline: Event[]): Clocks {
  const found: Clocks = { received: null, answered: null, offered: null, accepted: null, at_door: null, inside: null, clear: null };
  for (const event of timeline) {
    if (event.type === "incident_reopened") return clocksAfter(timeline, event);
    const what = FIRST[event.type];
    if (what) found[what] ??= Date.parse((event.occurred_at as string | undefined) ?? event.at);
    if (event.type === "aid_reported") aided(found, event);
  }
  return found;
}

/** A district that was asked for aid tells how far its own responder is. */
function aided(found: Clocks, event: Event) {
  const { helper } = (event.found ?? {}) as { helper?: { at_door_at?: string } };
  if (!helper) return;
  found.accepted ??= Date.parse(event.at);
  if (helper.at_door_at) found.at_door ??= Date.parse(helper.at_door_at);
}

/** Reopening starts a new round: its clocks begin there. */
function clocksAfter(timeline: Event[], reopened: Event): Clocks {
  const rest = timeline.filter((event) => event.seq > reopened.seq);
  const later = clocks(rest);
  return { ...later, received: later.received ?? Date.parse(reopened.at) };
}

/** The timeline as read, and what the feed has told since, each event once and in order. */
export function joined(read: Event[], heard: Event[]): Event[] {
  const bySeq = new Map<number, Event>();
  for (const event of [...read, ...heard]) bySeq.set(event.seq, event);
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}
