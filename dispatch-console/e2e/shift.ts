// A shift of eight hours as the feed would tell it: incidents that open, are worked and close, at the pace of a city of a
// hundred thousand homes, and two hundred responders who move. Time is the shift's own.

import type { Event, Message } from "../src/state/types";

/** One tick of the feed is so much of the shift, in s. */
export const TICK_S = 10;
export const TICKS_AN_HOUR = 3600 / TICK_S;
/** 0.065 alarms a home and day: three in forty seconds. */
const OPENED = [1, 1, 1, 0];
/** What happens to each, in ticks after it opened. */
const STORY: [number, (it: Told) => Record<string, unknown>][] = [
  [0, (it) => ({ type: "incident_opened", subject: it.subject, kind: it.n % 5 ? "sos" : "fall", urgency: 2 + (it.n % 2), class: "urban", opened_by: "signal", place: { ...it.place, source: "premises" }, door_due_at: it.at(180), answer_due_at: it.at(2) })],
  [0, (it) => ({ type: "offer_made", offer: it.offer, responder: it.responder, eta_s: 600, distance_m: 2000, expires_at: it.at(3) })],
  [1, (it) => ({ type: "offer_shown", offer: it.offer, responder: it.responder })],
  [1, () => ({ type: "incident_claimed", by: "chen", owner: "chen" })],
  [2, (it) => ({ type: "offer_accepted", offer: it.offer, responder: it.responder, arrival_at: it.at(60) })],
  [4, (it) => ({ type: "responder_en_route", offer: it.offer, responder: it.responder })],
  [20, (it) => ({ type: "arrival_predicted", offer: it.offer, responder: it.responder, arrival_at: it.at(62) })],
  [40, () => ({ type: "note_added", by: "chen", note: "已联系家属" })],
  [60, (it) => ({ type: "responder_at_door", offer: it.offer, responder: it.responder, proof: "position" })],
  [60, () => ({ type: "sla_met", clock: "door" })],
  [70, (it) => ({ type: "responder_inside", offer: it.offer, responder: it.responder })],
  [180, (it) => ({ type: "responder_clear", offer: it.offer, responder: it.responder })],
  [200, () => ({ type: "incident_closed", by: "chen", disposition: "helped" })],
];

interface Told {
  n: number;
  began: number;
  subject: string;
  responder: string;
  offer: string;
  place: { lat: number; lon: number };
  /** The time so many ticks after it opened. */
  at: (ticks: number) => string;
}

export class Shift {
  private tick = 0;
  private seq = 0;
  private opened = 0;
  private under: Told[] = [];

  constructor(
    private readonly district: string,
    private readonly began: number,
    private readonly subjects: number,
    private readonly responders: number,
  ) {}

  private timeOf = (tick: number) => new Date(this.began + tick * TICK_S * 1000).toISOString();

  snapshot(): Message {
    const responders = Array.from({ length: this.responders }, (_, i) => ({ id: `RB-${i + 1}`, name: `虚构员${i + 1}`, tier: "staff" as const, duty: true, state: "free" as const, place: this.placeOf(i), place_age_s: 3, assignment: null }));
    return { district: this.district, snapshot: { seq: 0, generation: "shift", incidents: [], responders } };
  }

  /** The next ten seconds. */
  next(): Message[] {
    this.tick += 1;
    const at = this.timeOf(this.tick);
    for (let i = 0; i < (OPENED[this.tick % OPENED.length] ?? 0); i++) this.under.push(this.open());
    const from = this.seq + 1;
    const events = this.under.flatMap((it) => STORY.filter(([after]) => it.began + after === this.tick).map(([, what]) => this.event(it, at, what(it))));
    const last = Math.max(...STORY.map(([after]) => after));
    this.under = this.under.filter((it) => it.began + last > this.tick);
    const positions = Array.from({ length: this.responders }, (_, i) => ({ responder: `RB-${i + 1}`, ...this.placeOf(i), at, accuracy_m: 10 }));
    return [...(events.length > 0 ? [{ district: this.district, frame: { from, to: this.seq, events } }] : []), { district: this.district, positions }, { heartbeat: { at, heads: { [this.district]: this.seq } } }];
  }

  get underWay(): number {
    return this.under.length;
  }

  private open(): Told {
    const n = ++this.opened;
    const began = this.tick;
    return { n, began, subject: `SB-${1 + (n % this.subjects)}`, responder: `RB-${1 + (n % this.responders)}`, offer: `${this.district}-o${n}`, place: this.placeOf(n % 60), at: (ticks) => this.timeOf(began + ticks) };
  }

  private event(it: Told, at: string, what: Record<string, unknown>): Event {
    return { seq: ++this.seq, at, incident: `${this.district}-${it.n}`, ...what } as Event;
  }

  /** Round and round, each on a circle of their own. */
  private placeOf(i: number): { lat: number; lon: number } {
    const turn = this.tick / 12 + i;
    return { lat: 30.45 + (i % 10) * 0.012 + Math.sin(turn) * 0.004, lon: 120.45 + Math.floor(i / 10) * 0.016 + Math.cos(turn) * 0.004 };
  }
}
