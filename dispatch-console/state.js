// The board as the live feed tells it: a pure reducer `(state, update) → state`.
// Reads no clock and no document: times come with the updates. Never guesses: after a gap it asks for a snapshot.

/** Events kept for the feed: what somebody can still scroll through; the journal keeps all of them. */
export const FEED_MAX = 150;

export const EMPTY = Object.freeze({
  me: null,
  line: { up: false, lostAt: null },
  skewMs: 0,
  generation: null,
  districts: {},
  feed: [],
});

/**
 * Updates: signed_in {me}, signed_out, line_up, line_lost {at}, message {message, at}, incident_read {incident} (asked
 * for by id). `at` is the page's own time in ms.
 */
export function reduce(state, update) {
  switch (update.type) {
    case "signed_in":
      return { ...EMPTY, me: update.me };
    case "signed_out":
      return EMPTY;
    case "line_up":
      return { ...state, line: { up: true, lostAt: null } };
    case "line_lost":
      return { ...state, line: { up: false, lostAt: state.line.lostAt ?? update.at } };
    case "incident_read":
      return read(state, update.incident);
    case "message":
      return hear(state, update.message, update.at);
    default:
      throw new Error(`update ${update.type}, expected one of those above`);
  }
}

function hear(state, message, at) {
  if (message.heartbeat) {
    return { ...state, skewMs: Date.parse(message.heartbeat.at) - at };
  }
  const code = message.district;
  if (!code) return state;
  if (message.snapshot) return snapshot(state, code, message.snapshot, at + state.skewMs);
  if (message.resumed) {
    return { ...state, generation: message.resumed.generation ?? state.generation };
  }
  const district = state.districts[code];
  if (!district) return state;
  if (message.frame) return frame(state, code, message.frame);
  if (message.positions) return withDistrict(state, code, positions(district, message.positions));
  if (message.resync) return withDistrict(state, code, { ...district, stale: true });
  return state;
}

function withDistrict(state, code, district) {
  return { ...state, districts: { ...state.districts, [code]: district } };
}

function snapshot(state, code, it, now) {
  const incidents = Object.fromEntries(it.incidents.filter((i) => i.state === "open").map((i) => [i.id, i]));
  const responders = Object.fromEntries(it.responders.map((r) => [r.id, located(r, now)]));
  const district = { seq: it.seq, incidents, responders, missing: [], stale: false, gap: false };
  return withDistrict({ ...state, generation: it.generation ?? state.generation }, code, district);
}

function read(state, incident) {
  const district = state.districts[incident.district];
  if (!district) return state;
  const missing = district.missing.filter((id) => id !== incident.id);
  const kept = { ...district, missing };
  return withDistrict(state, incident.district, incident.state === "open" ? withIncident(kept, incident.id, incident) : kept);
}

/** An age that was true once becomes a time that stays true. */
function located(responder, now) {
  const { place_age_s: age, ...rest } = responder;
  return { ...rest, placeAt: age === null || age === undefined ? null : now - age * 1000 };
}

function positions(district, list) {
  const responders = { ...district.responders };
  for (const { responder, lat, lon, at } of list) {
    const known = responders[responder];
    const placeAt = Date.parse(at);
    if (known && !(known.placeAt > placeAt)) {
      responders[responder] = { ...known, place: { lat, lon }, placeAt };
    }
  }
  return { ...district, responders };
}

function frame(state, code, it) {
  let district = state.districts[code];
  if (it.from > district.seq + 1) return withDistrict(state, code, { ...district, gap: true });
  const fresh = it.events.filter((event) => event.seq > district.seq);
  for (const event of fresh) district = apply(district, event);
  district = { ...district, seq: Math.max(district.seq, it.to) };
  const told = fresh.map((event) => ({ ...event, district: code })).reverse();
  return { ...withDistrict(state, code, district), feed: [...told, ...state.feed].slice(0, FEED_MAX) };
}

/** What one event changes on the board of its district. An event of a later version changes nothing but the feed. */
function apply(district, event) {
  const changed = applyToIncident(district, event);
  return applyToResponder(changed, event);
}

function applyToIncident(district, event) {
  const id = event.incident;
  if (event.type === "incident_opened") return withIncident(district, id, opened(event));
  if (event.type === "incident_closed" || event.type === "incident_merged") {
    const { [id]: _gone, ...incidents } = district.incidents;
    return { ...district, incidents };
  }
  const incident = district.incidents[id];
  if (!incident) {
    // Reopened: the feed does not tell all of it again.
    return event.type === "incident_reopened" ? { ...district, missing: [...district.missing, id] } : district;
  }
  const change = INCIDENT_CHANGES[event.type];
  return change ? withIncident(district, id, { ...incident, ...change(incident, event) }) : district;
}

function withIncident(district, id, incident) {
  return { ...district, incidents: { ...district.incidents, [id]: incident } };
}

function opened(event) {
  const { incident: id, subject = null, premises = null, place = null } = event;
  return {
    id,
    state: "open",
    kind: event.kind,
    urgency: event.urgency,
    presses: event.opened_by === "hand" ? 0 : 1,
    subject,
    subjects: subject ? [subject] : [],
    premises,
    place,
    class: event.class,
    opened_at: event.at,
    opened_by: event.opened_by,
    door_due_at: event.door_due_at,
    answer_due_at: event.answer_due_at,
    owner: null,
    assignments: [],
  };
}

const INCIDENT_CHANGES = {
  alarm_attached: (it, e) => ({
    presses: e.presses ?? it.presses + 1,
    place: e.place ?? it.place,
    subjects: e.subject && !it.subjects.includes(e.subject) ? [...it.subjects, e.subject] : it.subjects,
  }),
  urgency_raised: (_, e) => ({ urgency: e.to }),
  incident_claimed: (it, e) => ({ owner: e.owner ?? e.by, answered_at: it.answered_at ?? e.at }),
  incident_released: () => ({ owner: null }),
  incident_escalated: (_, e) => ({ rung: e.rung, escalated: true }),
  incident_corrected: (it, e) => corrected(it, e),
  offer_made: (it, e) => ({
    assignments: [...it.assignments.filter((a) => a.offer !== e.offer), { responder: e.responder, offer: e.offer, state: "offered", at: e.at, eta_s: e.eta_s, expires_at: e.expires_at }],
  }),
  offer_accepted: (it, e) => reported(it, e, "accepted", { arrival_at: e.arrival_at }),
  offer_declined: (it, e) => reported(it, e, "declined"),
  offer_expired: (it, e) => reported(it, e, "expired"),
  offer_withdrawn: (it, e) => reported(it, e, "withdrawn"),
  responder_en_route: (it, e) => reported(it, e, "en_route"),
  responder_at_door: (it, e) => reported(it, e, "at_door"),
  responder_inside: (it, e) => reported(it, e, "inside"),
  responder_clear: (it, e) => reported(it, e, "clear"),
  arrival_predicted: (it, e) => reported(it, e, null, { arrival_at: e.arrival_at }),
  sla_met: (it, e) => (e.clock === "answer" ? { answered_at: it.answered_at ?? e.met_at ?? e.at } : { door_met: true }),
  sla_breached: (_, e) => (e.clock === "door" ? { door_breached: true } : {}),
  incident_unattended: () => ({ unattended: true }),
};

function reported(incident, event, state, more = {}) {
  const assignments = incident.assignments.map((it) =>
    it.offer === event.offer ? { ...it, ...more, state: state ?? it.state, at: state ? event.at : it.at } : it,
  );
  return { assignments };
}

function corrected(incident, event) {
  const change = {};
  for (const key of ["kind", "urgency", "subject", "premises", "place", "class", "door_due_at"]) {
    if (event[key] !== undefined) change[key] = event[key];
  }
  if (change.subject) change.subjects = [...new Set([change.subject, ...incident.subjects])];
  return change;
}

/** The state of a responder after an event that names them. */
const RESPONDER_STATES = {
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

function applyToResponder(district, event) {
  const responder = district.responders[event.responder];
  if (!responder) return district;
  const change = responderChange(responder, event);
  return change
    ? { ...district, responders: { ...district.responders, [responder.id]: { ...responder, ...change } } }
    : district;
}

function responderChange(responder, event) {
  if (event.type === "duty_changed") {
    return { duty: event.on, state: responder.assignment ? responder.state : event.on ? "free" : "off_duty" };
  }
  const state = RESPONDER_STATES[event.type];
  if (!state) return null;
  if (state !== "free") return { state, assignment: { incident: event.incident, offer: event.offer } };
  // An old offer that ends late must not free somebody who is under way for another.
  if (responder.assignment && responder.assignment.offer !== event.offer) return null;
  return { state: responder.duty ? "free" : "off_duty", assignment: null };
}

const UNDER_WAY = ["inside", "at_door", "en_route", "accepted"];

/** How far an incident has come: the farthest of those who are under way, else what is being done to find one. */
export function stageOf(incident) {
  const states = new Set(incident.assignments.map((it) => it.state));
  const farthest = UNDER_WAY.find((state) => states.has(state));
  if (farthest) return farthest === "accepted" ? "assigned" : farthest;
  if (states.has("offered")) return "offering";
  return incident.escalated || incident.stage === "escalated" ? "escalated" : "waiting";
}

/** Whether somebody has been at the door: then the promise is kept or broken, and nothing counts down any more. */
export function doorReached(incident) {
  return incident.door_met === true || incident.assignments.some((it) => ["at_door", "inside", "clear"].includes(it.state));
}

/** What is due next: `{what, at, from}` in ms; `null` where nothing is. What is overdue stays the next thing. */
export function nextDue(incident, now) {
  const due = [];
  const opened = Date.parse(incident.opened_at);
  if (!doorReached(incident)) due.push({ what: "door", at: Date.parse(incident.door_due_at), from: opened });
  const answer = Date.parse(incident.answer_due_at);
  if (!incident.owner && !incident.answered_at && answer > now) due.push({ what: "answer", at: answer, from: opened });
  for (const it of incident.assignments) {
    const expires = Date.parse(it.expires_at);
    if (it.state === "offered" && expires > now) due.push({ what: "offer", at: expires, from: Date.parse(it.at) });
  }
  return due.sort((a, b) => a.at - b.at)[0] ?? null;
}

/** Open incidents of all districts, the most urgent first, then by what is due next, then by id. */
export function openIncidents(state, now) {
  const all = Object.values(state.districts).flatMap((it) => Object.values(it.incidents));
  const key = (it) => nextDue(it, now)?.at ?? Number.MAX_SAFE_INTEGER;
  return all.sort((a, b) => a.urgency - b.urgency || key(a) - key(b) || compareIds(a.id, b.id));
}

const BUSY_FIRST = ["inside", "at_door", "en_route", "accepted", "offered", "free", "off_duty"];

export function responders(state) {
  const all = Object.values(state.districts).flatMap((it) => Object.values(it.responders));
  const rank = (it) => BUSY_FIRST.indexOf(it.state);
  return all.sort((a, b) => rank(a) - rank(b) || compareIds(a.id, b.id));
}

export function counts(state, now) {
  const open = openIncidents(state, now);
  const all = responders(state);
  const overdue = open.filter((it) => !doorReached(it) && Date.parse(it.door_due_at) <= now);
  return {
    open: open.length,
    unowned: open.filter((it) => !it.owner).length,
    under_way: open.filter((it) => ["assigned", "en_route"].includes(stageOf(it))).length,
    at_door: open.filter((it) => ["at_door", "inside"].includes(stageOf(it))).length,
    overdue: overdue.length,
    free: all.filter((it) => it.state === "free").length,
  };
}

/** Ids that are counted compare by number: 330481-9 before 330481-10. */
function compareIds(a, b) {
  return a.localeCompare(b, "en", { numeric: true });
}

/** What the next hello asks for: the last seq of each district, or null for a snapshot. */
export function hello(state) {
  const codes = state.me?.districts ?? [];
  const seen = (code) => {
    const it = state.districts[code];
    return it && !it.gap && !it.stale ? it.seq : null;
  };
  const generation = state.generation === null ? {} : { generation: state.generation };
  return { hello: { districts: Object.fromEntries(codes.map((code) => [code, seen(code)])), ...generation } };
}

/** Incidents that the feed named and did not tell whole: to be asked for by id. */
export function missing(state) {
  return Object.values(state.districts).flatMap((it) => it.missing);
}

/** Whether the feed has told something that does not fit what it told before. */
export function hasGap(state) {
  return Object.values(state.districts).some((it) => it.gap);
}
