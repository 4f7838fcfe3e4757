import assert from "node:assert/strict";
import test from "node:test";

import { EMPTY, FEED_MAX, counts, doorReached, hasGap, hello, missing, nextDue, openIncidents, reduce, responders, stageOf } from "./state.js";
import { WORDS } from "./words.js";

const CODE = "330481";
const T0 = Date.parse("2026-11-21T12:00:00.000Z");

test("an incident is opened, offered, accepted, reached and closed", () => {
  let state = begun();
  const stages = [];
  for (const [type, more] of [
    ["incident_opened", opening("330481-1", 2)],
    ["offer_made", { responder: "R-001", offer: "o1", eta_s: 300, expires_at: time(30) }],
    ["offer_accepted", { responder: "R-001", offer: "o1", arrival_at: time(300) }],
    ["responder_en_route", { responder: "R-001", offer: "o1" }],
    ["responder_at_door", { responder: "R-001", offer: "o1" }],
    ["responder_inside", { responder: "R-001", offer: "o1" }],
  ]) {
    state = tell(state, event(state, type, { incident: "330481-1", ...more }));
    stages.push(stageOf(incident(state)));
  }
  assert.deepEqual(stages, ["waiting", "offering", "assigned", "en_route", "at_door", "inside"]);
  assert.equal(state.districts[CODE].responders["R-001"].state, "inside");
  state = tell(state, event(state, "responder_clear", { incident: "330481-1", responder: "R-001", offer: "o1" }));
  assert.equal(state.districts[CODE].responders["R-001"].state, "free");
  assert.ok(doorReached(incident(state)));
  state = tell(state, event(state, "incident_closed", { incident: "330481-1", disposition: "helped" }));
  assert.deepEqual(openIncidents(state, T0), []);
  assert.equal(state.feed.length, 8);
  assert.equal(state.feed[0].type, "incident_closed");
});

test("a claim has an owner until it is given back, and a second press is more urgent", () => {
  let state = opened("330481-1", 3);
  state = tell(state, event(state, "incident_claimed", { incident: "330481-1", owner: "anna", by: "anna" }));
  assert.equal(incident(state).owner, "anna");
  state = tell(state, event(state, "alarm_attached", { incident: "330481-1", kind: "sos", presses: 2 }));
  state = tell(state, event(state, "urgency_raised", { incident: "330481-1", from: 3, to: 2 }));
  assert.deepEqual([incident(state).presses, incident(state).urgency], [2, 2]);
  state = tell(state, event(state, "incident_released", { incident: "330481-1", owner: "anna" }));
  assert.equal(incident(state).owner, null);
});

test("the most urgent comes first, then what is due next, then the id by number", () => {
  let state = begun();
  for (const [id, urgency, due] of [["330481-10", 2, 900], ["330481-9", 2, 900], ["330481-3", 3, 60], ["330481-4", 1, 1800]]) {
    state = tell(state, event(state, "incident_opened", { incident: id, ...opening(id, urgency), door_due_at: time(due) }));
  }
  const order = openIncidents(state, T0 + 60_000).map((it) => it.id);
  assert.deepEqual(order, ["330481-4", "330481-9", "330481-10", "330481-3"]);
});

test("what is due next is the answer, then the offer, then the door, which stays when it is overdue", () => {
  let state = opened("330481-1", 2);
  assert.equal(nextDue(incident(state), T0).what, "answer");
  state = tell(state, event(state, "offer_made", { incident: "330481-1", responder: "R-001", offer: "o1", expires_at: time(30) }));
  assert.equal(nextDue(incident(state), T0 + 16_000).what, "offer");
  assert.equal(nextDue(incident(state), T0 + 31_000).what, "door");
  assert.equal(nextDue(incident(state), T0 + 9_000_000).what, "door");
  assert.equal(counts(state, T0 + 9_000_000).overdue, 1);
  state = tell(state, event(state, "responder_at_door", { incident: "330481-1", responder: "R-001", offer: "o1" }));
  assert.equal(nextDue(incident(state), T0 + 31_000), null);
});

test("an event that was seen already changes nothing", () => {
  const state = opened("330481-1", 2);
  const again = reduce(state, message({ district: CODE, frame: { from: 11, to: 11, events: [{ ...state.feed[0] }] } }));
  assert.deepEqual(again.feed, state.feed);
  assert.equal(again.districts[CODE].seq, 11);
});

test("after a gap nothing is guessed: a snapshot is asked for", () => {
  let state = opened("330481-1", 2);
  assert.deepEqual(hello(state), { hello: { districts: { [CODE]: 11 }, generation: "g1" } });
  state = reduce(state, message({ district: CODE, frame: { from: 14, to: 14, events: [] } }));
  assert.ok(hasGap(state));
  assert.deepEqual(hello(state).hello.districts, { [CODE]: null });
  state = reduce(state, message({ district: CODE, snapshot: { seq: 14, generation: "g2", incidents: [], responders: [] } }));
  assert.ok(!hasGap(state));
  assert.equal(hello(state).hello.generation, "g2");
});

test("an incident that comes back is asked for, because the feed tells not all of it again", () => {
  let state = begun();
  state = tell(state, event(state, "incident_reopened", { incident: "330481-1", round: 2 }));
  assert.deepEqual(missing(state), ["330481-1"]);
  state = reduce(state, { type: "incident_read", incident: { id: "330481-1", district: CODE, state: "open", urgency: 2, assignments: [] } });
  assert.deepEqual([missing(state), openIncidents(state, T0).length], [[], 1]);
});

test("positions are the newest, and their age is a time that stays true", () => {
  let state = begun();
  assert.equal(state.districts[CODE].responders["R-001"].placeAt, T0 - 20_000);
  const at = (lat, s) => message({ district: CODE, positions: [{ responder: "R-001", lat, lon: 120.7, at: time(s) }] });
  state = reduce(reduce(state, at(30.6, 10)), at(30.5, 5));
  assert.equal(state.districts[CODE].responders["R-001"].place.lat, 30.6);
});

test("an offer that ends late does not free somebody who is under way for another", () => {
  let state = opened("330481-1", 2);
  for (const [type, offer] of [["offer_made", "o1"], ["offer_made", "o2"], ["offer_accepted", "o2"], ["offer_withdrawn", "o1"]]) {
    state = tell(state, event(state, type, { incident: "330481-1", responder: "R-001", offer, expires_at: time(30) }));
  }
  assert.equal(responders(state)[0].state, "accepted");
});

test("the line has an age from the moment at which it was lost, not from the last try", () => {
  let state = reduce(begun(), { type: "line_up" });
  state = reduce(reduce(state, { type: "line_lost", at: 5 }), { type: "line_lost", at: 9 });
  assert.deepEqual(state.line, { up: false, lostAt: 5 });
});

test("clocks are the server's", () => {
  const state = reduce(EMPTY, { type: "message", at: T0, message: { heartbeat: { at: time(7), heads: {} } } });
  assert.equal(state.skewMs, 7_000);
});

test("the feed is bounded", () => {
  let state = begun();
  for (let n = 0; n < FEED_MAX + 5; n += 1) state = tell(state, event(state, "note_added", { incident: "330481-1" }));
  assert.equal(state.feed.length, FEED_MAX);
});

test("both languages have the same words", () => {
  assert.deepEqual(Object.keys(WORDS.en).sort(), Object.keys(WORDS.zh).sort());
});

function begun() {
  const signedIn = reduce(EMPTY, { type: "signed_in", me: { name: "anna", role: "operator", districts: [CODE] } });
  const responder = { id: "R-001", name: "周护理员", tier: "staff", duty: true, state: "free", place: { lat: 30.5, lon: 120.7 }, place_age_s: 20, assignment: null };
  return reduce(signedIn, message({ district: CODE, snapshot: { seq: 10, generation: "g1", incidents: [], responders: [responder] } }));
}

function opened(id, urgency) {
  const state = begun();
  return tell(state, event(state, "incident_opened", { incident: id, ...opening(id, urgency) }));
}

function opening(id, urgency) {
  return { kind: "sos", urgency, opened_by: "signal", subject: "S-0001", premises: "P-0001", class: "urban", answer_due_at: time(15), door_due_at: time(1800) };
}

function incident(state) {
  return state.districts[CODE].incidents["330481-1"];
}

function event(state, type, more) {
  return { seq: state.districts[CODE].seq + 1, at: time(0), type, ...more };
}

function tell(state, it) {
  return reduce(state, message({ district: CODE, frame: { from: it.seq, to: it.seq, events: [it] } }));
}

function message(it) {
  return { type: "message", at: T0, message: it };
}

function time(s) {
  return new Date(T0 + s * 1000).toISOString();
}
