import { expect, test } from "vitest";
import { EMPTY, reduce, type Board } from "./board";
import { clocks, joined } from "./clocks";
import { counts, doorReached, incidentNamed, isDone, loudest, nextDue, queue, stageOf } from "./queue";
import type { Event, Incident, Timeline } from "./types";

const CODE = "330481";
const T0 = Date.parse("2026-11-21T12:00:00.000Z");
const time = (s: number) => new Date(T0 + s * 1000).toISOString();

test("an incident is opened, offered, accepted, reached and closed", () => {
  const told = script([
    ["incident_opened", opening(2)],
    ["offer_made", { ...OFFER, eta_s: 300, expires_at: time(30) }],
    ["offer_accepted", { ...OFFER, arrival_at: time(300) }],
    ["responder_en_route", OFFER],
    ["responder_at_door", OFFER],
    ["responder_inside", OFFER],
  ]);
  const stages = told.map((it) => stageOf(only(it)));
  expect(stages).toEqual(["waiting", "offering", "assigned", "en_route", "at_door", "inside"]);
  const inside = told.at(-1) as Board;
  expect(inside.districts[CODE]?.responders["R-001"]?.state).toBe("inside");
  const clear = tell(inside, "responder_clear", OFFER);
  expect(clear.districts[CODE]?.responders["R-001"]).toMatchObject({ state: "free", assignment: null });
  expect(doorReached(only(clear))).toBe(true);
  const later = tell(clear, "offer_made", { ...OFFER, offer: "o2" });
  expect([told[0] as Board, inside, clear, later].map((it) => isDone(only(it)))).toEqual([false, false, true, false]);
  expect(queue(tell(clear, "incident_closed", { disposition: "helped" }), T0)).toEqual([]);
});

test("a claim has an owner until it is given back, and a second press is more urgent", () => {
  let state = tell(begun(), "incident_opened", opening(3));
  expect(loudest(state)?.id).toBe("330481-1");
  state = tell(state, "incident_claimed", { owner: "anna", by: "anna" });
  expect(loudest(state)).toBeNull();
  state = tell(state, "alarm_attached", { kind: "sos", presses: 2 });
  state = tell(state, "urgency_raised", { from: 3, to: 2 });
  expect(only(state)).toMatchObject({ owner: "anna", presses: 2, urgency: 2 });
  state = tell(state, "incident_unattended", { owner: "anna" });
  expect(loudest(state)?.id, "nothing was done: it alarms again").toBe("330481-1");
  state = tell(state, "incident_released", { owner: "anna" });
  expect(counts(state, T0)).toMatchObject({ open: 1, unowned: 1 });
});

test("the most urgent comes first, then what is due next, then the id by number", () => {
  let state = begun();
  for (const [n, urgency, due] of [[10, 2, 900], [9, 2, 900], [3, 3, 60], [4, 1, 1800]] as const) {
    state = tell(state, "incident_opened", { ...opening(urgency), incident: `330481-${n}`, door_due_at: time(due) });
  }
  expect(queue(state, T0 + 60_000).map((it) => it.id)).toEqual(["330481-4", "330481-9", "330481-10", "330481-3"]);
});

test("due next is the answer, then the offer, then the door, which stays when it is overdue", () => {
  let state = tell(begun(), "incident_opened", opening(2));
  expect(nextDue(only(state), T0)?.what).toBe("answer");
  state = tell(state, "offer_made", { ...OFFER, expires_at: time(30) });
  expect(nextDue(only(state), T0 + 16_000)?.what).toBe("offer");
  expect(nextDue(only(state), T0 + 31_000)?.what).toBe("door");
  expect(nextDue(only(state), T0 + 9_000_000)?.what).toBe("door");
  state = tell(state, "responder_at_door", OFFER);
  expect(nextDue(only(state), T0 + 31_000)).toBeNull();
});

test("late and repeated frames change nothing; a gap is seen and nothing of it is taken", () => {
  const state = tell(begun(), "incident_opened", opening(2));
  const again = hear(state, { district: CODE, frame: { from: 1, to: 1, events: [{ seq: 1, at: time(0), type: "incident_closed", incident: "330481-1" }] } });
  expect(queue(again, T0)).toHaveLength(1);
  const gap = hear(state, { district: CODE, frame: { from: 5, to: 5, events: [{ seq: 5, at: time(0), type: "incident_closed", incident: "330481-1" }] } });
  expect(gap.districts[CODE]).toMatchObject({ seq: 1, gap: true });
  expect(queue(gap, T0)).toHaveLength(1);
});

test("a snapshot after a resync replaces all, and what was read beside the feed is read again", () => {
  const state = hear(tell(begun(), "incident_opened", opening(2)), { district: CODE, resync: { reason: "slow" } });
  expect(state.districts[CODE]?.stale).toBe(true);
  const fresh = hear(state, { district: CODE, snapshot: { seq: 90, generation: "g2", incidents: [], responders: [] } });
  expect(fresh.districts[CODE]).toMatchObject({ seq: 90, stale: false, incidents: {} });
  expect([fresh.generation, fresh.epoch]).toEqual(["g2", state.epoch + 1]);
});

test("a reopened incident is asked for, and a reading older than the feed is asked for again", () => {
  const closed = script([["incident_opened", opening(2)], ["incident_closed", { disposition: "other" }]]).at(-1) as Board;
  let state = tell(closed, "incident_reopened", {});
  expect(state.districts[CODE]?.missing).toEqual({ "330481-1": 3 });
  state = tell(state, "offer_made", OFFER);
  const whole = { ...only(tell(begun(), "incident_opened", opening(2))), signals: [] };
  const reading = (seq: number): Timeline => ({ ...whole, timeline: [{ seq, at: time(0), type: "incident_reopened" }] });
  const old = reduce(state, { type: "incident_read", incident: reading(3) });
  expect(queue(old, T0)).toEqual([]);
  expect(old.districts[CODE]?.missing).toEqual({ "330481-1": 4 });
  const known = reduce(old, { type: "incident_read", incident: reading(4) });
  expect(queue(known, T0).map((it) => it.id)).toEqual(["330481-1"]);
  expect(known.districts[CODE]?.missing).toEqual({});
});

test("what is told of the incident on the screen is kept, of others not", () => {
  const state = reduce(tell(begun(), "incident_opened", opening(2)), { type: "watched", incident: "330481-1" });
  const told = tell(tell(state, "note_added", { note: "x" }), "note_added", { incident: "330481-2" });
  expect(told.watched?.events.map((it) => it.seq)).toEqual([2]);
  expect(joined([{ seq: 1, at: "", type: "a" }, { seq: 2, at: "", type: "a" }], told.watched?.events ?? []).map((it) => it.seq)).toEqual([1, 2]);
});

test("an old offer that ends late does not free somebody who is under way for another", () => {
  let state = script([["incident_opened", opening(2)], ["offer_made", OFFER], ["offer_accepted", OFFER]]).at(-1) as Board;
  state = tell(state, "offer_expired", { ...OFFER, offer: "o0" });
  expect(state.districts[CODE]?.responders["R-001"]?.state).toBe("accepted");
});

test("whoever is asked to turn stays on the way until they say yes", () => {
  let state = script([["incident_opened", opening(3)], ["offer_made", OFFER], ["offer_accepted", OFFER]]).at(-1) as Board;
  const turn = { ...OFFER, incident: "330481-2", offer: "o2" };
  state = tell(state, "offer_made", { ...turn, turns: "o1" });
  expect(state.districts[CODE]?.responders["R-001"]).toMatchObject({ state: "accepted", assignment: { offer: "o1" } });
  expect(tell(state, "offer_declined", turn).districts[CODE]?.responders["R-001"]?.state).toBe("accepted");
  state = tell(tell(state, "offer_withdrawn", { ...OFFER, reason: "turned" }), "offer_accepted", turn);
  expect(state.districts[CODE]?.responders["R-001"]).toMatchObject({ state: "accepted", assignment: { incident: "330481-2", offer: "o2" } });
});

test("a neighbouring district that was asked is shown with who comes from there, until it is over", () => {
  const told = (helper?: object, more: object = {}) => ({ aid: "330481-a1", heard: 3, found: { incident: "330402-1", helper, ...more } });
  const asked = script([
    ["incident_opened", opening(2)],
    ["aid_asked", { aid: "330481-a1", of: "330402" }],
    ["aid_reported", told(undefined, { nobody: true })],
    ["aid_reported", told({ responder: "N-1", state: "accepted", arrival_at: time(300) })],
    ["aid_reported", told({ responder: "N-1", state: "at_door", at_door_at: time(290) })],
    ["aid_reported", told({ responder: "N-1", state: "clear", at_door_at: time(290) })],
    ["aid_withdrawn", { aid: "330481-a1", reason: "incident_closed" }],
  ]);
  expect(asked.map((it) => stageOf(only(it)))).toEqual(["waiting", "waiting", "waiting", "assigned", "at_door", "waiting", "waiting"]);
  expect(asked.map((it) => doorReached(only(it))).slice(3)).toEqual([false, true, true, true]);
  expect(only(asked[2] as Board).aids).toMatchObject([{ of: "330402", incident: "330402-1", nobody: true }]);
  expect(only(asked[3] as Board).aids).toMatchObject([{ responder: "N-1", nobody: false, arrival_at: time(300) }]);
  expect(only(asked[6] as Board).aids?.[0]?.over_at).toBe(time(0));
  const events: Event[] = [
    { seq: 1, at: time(0), type: "incident_opened" },
    { seq: 2, at: time(20), type: "aid_reported", ...told({ responder: "N-1", state: "accepted" }) },
    { seq: 3, at: time(295), type: "aid_reported", ...told({ responder: "N-1", state: "at_door", at_door_at: time(290) }) },
  ];
  expect(clocks(events)).toMatchObject({ accepted: T0 + 20_000, at_door: T0 + 290_000 });
});

test("positions: the newest wins, and a move has a heading", () => {
  const at = (s: number, lat: number) => ({ district: CODE, positions: [{ responder: "R-001", lat, lon: 120.68, at: time(s) }] });
  const state = hear(hear(begun(), at(10, 30.54)), at(5, 30.5));
  expect(state.districts[CODE]?.responders["R-001"]).toMatchObject({ place: { lat: 30.54 }, placeAt: T0 + 10_000, heading: 0 });
});

test("clocks run from the call; a reopening begins a new round", () => {
  const events: Event[] = [
    { seq: 1, at: time(0), type: "incident_opened" },
    { seq: 2, at: time(7), type: "incident_claimed" },
    { seq: 3, at: time(19), type: "offer_accepted" },
    { seq: 4, at: time(300), occurred_at: time(250), type: "responder_at_door" },
  ];
  expect(clocks(events)).toMatchObject({ received: T0, answered: T0 + 7_000, offered: null, at_door: T0 + 250_000 });
  expect(clocks([...events, { seq: 5, at: time(900), type: "incident_reopened" }])).toMatchObject({ received: T0 + 900_000, at_door: null });
});

const OFFER = { responder: "R-001", offer: "o1" };

function opening(urgency: number) {
  return { kind: "sos", urgency, class: "urban", opened_by: "signal", subject: "S-1", answer_due_at: time(15), door_due_at: time(1800) };
}

function begun(): Board {
  const responder = { id: "R-001", name: "周护理员", tier: "staff", duty: true, state: "free", place: { lat: 30.53, lon: 120.68 }, place_age_s: null, assignment: null };
  const me = reduce(EMPTY, { type: "signed_in", me: { name: "anna", role: "operator", districts: [CODE] } });
  return hear(me, { district: CODE, snapshot: { seq: 0, generation: "g1", incidents: [], responders: [responder] } });
}

function hear(state: Board, message: object): Board {
  return reduce(state, { type: "message", message, at: T0 });
}

function tell(state: Board, type: string, more: object): Board {
  const seq = (state.districts[CODE]?.seq ?? 0) + 1;
  return hear(state, { district: CODE, frame: { from: seq, to: seq, events: [{ seq, at: time(0), type, incident: "330481-1", ...more }] } });
}

/** The board after each line. */
function script(lines: [string, object][]): Board[] {
  const told: Board[] = [];
  for (const [type, more] of lines) told.push(tell(told.at(-1) ?? begun(), type, more));
  return told;
}

function only(state: Board): Incident {
  return incidentNamed(state, "330481-1") as Incident;
}
