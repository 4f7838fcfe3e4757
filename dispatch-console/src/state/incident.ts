// What one event changes on an incident of the board. An event of a later version changes nothing here.

import type { Aid, Assignment, AssignmentState, Event, Incident, Place, Task } from "./types";

interface Incidents {
  incidents: Record<string, Incident>;
  missing: Record<string, number>;
}

export function applyToIncident({ incidents, missing }: Incidents, event: Event, district: string): Incidents {
  const id = event.incident;
  if (!id) return { incidents, missing };
  if (event.type === "incident_opened") return { incidents: { ...incidents, [id]: opened(id, event, district) }, missing };
  if (event.type === "incident_closed" || event.type === "incident_merged") {
    const { [id]: _gone, ...others } = incidents;
    const { [id]: _asked, ...rest } = missing;
    return { incidents: others, missing: rest };
  }
  const incident = incidents[id];
  if (!incident) {
    // Reopened: the feed does not tell all of it again.
    const wanted = event.type === "incident_reopened" || missing[id] !== undefined;
    return { incidents, missing: wanted ? { ...missing, [id]: event.seq } : missing };
  }
  const change = CHANGES[event.type]?.(incident, event);
  return { incidents: change ? { ...incidents, [id]: { ...incident, ...change } } : incidents, missing };
}

function opened(id: string, event: Event, district: string): Incident {
  const subject = event.subject ?? null;
  return {
    id,
    district,
    state: "open",
    kind: event.kind as string,
    urgency: event.urgency as number,
    presses: event.opened_by === "hand" ? 0 : 1,
    subject,
    subjects: subject ? [subject] : [],
    premises: (event.premises as string | undefined) ?? null,
    place: (event.place as Place | undefined) ?? null,
    class: event.class as Incident["class"],
    opened_at: event.at,
    opened_by: event.opened_by as Incident["opened_by"],
    round: 1,
    disposition: null,
    call: event.call,
    door_due_at: event.door_due_at as string,
    answer_due_at: event.answer_due_at as string,
    owner: null,
    assignments: [],
    tasks: [],
    aid_for: (event.aid as { incident: string } | undefined)?.incident,
  };
}

type Change = (incident: Incident, event: Event) => Partial<Incident>;

const CHANGES: Record<string, Change> = {
  alarm_attached: (it, e) => ({
    presses: (e.presses as number | undefined) ?? it.presses + 1,
    place: (e.place as Place | undefined) ?? it.place,
    subjects: e.subject && !it.subjects.includes(e.subject) ? [...it.subjects, e.subject] : it.subjects,
  }),
  urgency_raised: (_, e) => ({ urgency: e.to as number }),
  incident_claimed: (it, e) => ({ owner: (e.owner as string | undefined) ?? e.by ?? null, answered_at: it.answered_at ?? e.at, unattended: false }),
  incident_released: () => ({ owner: null }),
  incident_escalated: (_, e) => ({ rung: e.rung as string, escalated: true }),
  incident_corrected: corrected,
  call_joined: (_, e) => ({ call: e.call }),
  offer_made: (it, e) => ({ assignments: [...it.assignments.filter((a) => a.offer !== e.offer), offered(e)], unattended: false }),
  offer_accepted: (it, e) => reported(it, e, "accepted", { arrival_at: e.arrival_at as string }),
  offer_declined: (it, e) => reported(it, e, "declined"),
  offer_expired: (it, e) => reported(it, e, "expired"),
  offer_withdrawn: (it, e) => reported(it, e, "withdrawn"),
  responder_en_route: (it, e) => reported(it, e, "en_route"),
  responder_at_door: (it, e) => reported(it, e, "at_door"),
  responder_inside: (it, e) => reported(it, e, "inside"),
  responder_clear: (it, e) => reported(it, e, "clear"),
  arrival_predicted: (it, e) => reported(it, e, null, { arrival_at: e.arrival_at as string }),
  sla_met: (it, e) => (e.clock === "answer" ? { answered_at: it.answered_at ?? (e.met_at as string) } : { door_met: true }),
  sla_breached: (_, e) => (e.clock === "door" ? { door_breached: true } : {}),
  incident_unattended: () => ({ unattended: true }),
  task_due: (it, e) => ({ tasks: [...it.tasks.filter((t) => t.task !== e.task), { task: e.task as string, rung: e.rung as string, due_at: e.at }] }),
  task_confirmed: (it, e) => ({ tasks: it.tasks.map((t): Task => (t.task === e.task ? { ...t, confirmed_at: e.at, by: e.by } : t)) }),
  aid_asked: (it, e) => ({ aids: [...(it.aids ?? []).filter((a) => a.aid !== e.aid), { aid: e.aid as string, of: e.of as string, asked_at: e.at, nobody: false }] }),
  aid_reported: (it, e) => aided(it, e, found(e)),
  aid_withdrawn: (it, e) => aided(it, e, { over_at: e.at }),
};

interface Found {
  incident: string;
  nobody?: boolean;
  over?: boolean;
  helper?: { responder: string; state: AssignmentState; arrival_at?: string };
}

function found(e: Event): Partial<Aid> {
  const { incident, nobody = false, over, helper } = e.found as Found;
  const theirs = { responder: helper?.responder, state: helper?.state, arrival_at: helper?.arrival_at };
  return { incident, nobody, ...theirs, ...(over ? { over_at: e.at } : {}) };
}

function aided(incident: Incident, event: Event, change: Partial<Aid>): Partial<Incident> {
  return { aids: incident.aids?.map((it) => (it.aid === event.aid ? { ...it, ...change } : it)) };
}

function offered(e: Event): Assignment {
  return {
    responder: e.responder as string,
    offer: e.offer as string,
    state: "offered",
    at: e.at,
    eta_s: e.eta_s as number,
    expires_at: e.expires_at as string,
  };
}

function reported(incident: Incident, event: Event, state: AssignmentState | null, more: Partial<Assignment> = {}): Partial<Incident> {
  const assignments = incident.assignments.map((it) =>
    it.offer === event.offer ? { ...it, ...more, state: state ?? it.state, at: state ? event.at : it.at } : it,
  );
  return { assignments };
}

function corrected(incident: Incident, event: Event): Partial<Incident> {
  const change: Record<string, unknown> = {};
  for (const key of ["kind", "urgency", "subject", "premises", "place", "class", "door_due_at"]) {
    if (event[key] !== undefined) change[key] = event[key];
  }
  if (event.subject) change.subjects = [...new Set([event.subject, ...incident.subjects])];
  return change;
}
