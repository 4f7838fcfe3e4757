// What is read off the board: the queue in its order, what is due next, and the counts. Pure; `now` is an argument.

import type { Board } from "./board";
import type { AssignmentState, Incident, Responder, Stage } from "./types";

const UNDER_WAY = ["inside", "at_door", "en_route", "accepted"] as const;
const REACHED: AssignmentState[] = ["at_door", "inside", "clear"];

/** How far an incident has come: the farthest of those who are under way, else what is being done to find one. */
export function stageOf(incident: Incident): Stage {
  if (incident.state === "closed") return "closed";
  const states = new Set<string>(statesOf(incident));
  const farthest = UNDER_WAY.find((state) => states.has(state));
  if (farthest) return farthest === "accepted" ? "assigned" : farthest;
  if (states.has("offered")) return "offering";
  return incident.escalated || incident.stage === "escalated" ? "escalated" : "waiting";
}

/** How far each has come who was asked or sent: our own, and those of districts that were asked for aid. */
function statesOf(incident: Incident): string[] {
  const theirs = (incident.aids ?? []).map((it) => (it.over_at ? afterwards(it.state) : it.state));
  return [...incident.assignments.map((it) => it.state), ...theirs].filter((it) => it !== undefined);
}

/** Once an aid is over: who was at the door has left, and nobody else counts. */
function afterwards(state?: AssignmentState): AssignmentState | undefined {
  return state && REACHED.includes(state) ? "clear" : undefined;
}

/** Whether somebody has been there and left, and nobody is asked or under way any more: it waits to be closed. */
export function isDone(incident: Incident): boolean {
  const states = statesOf(incident);
  return states.includes("clear") && !states.some((it) => it === "offered" || UNDER_WAY.some((each) => each === it));
}

/** Whether somebody has been at the door: then the promise is kept or broken, and nothing counts down any more. */
export function doorReached(incident: Incident): boolean {
  return incident.door_met === true || statesOf(incident).some((it) => REACHED.some((each) => each === it));
}

export interface Due {
  what: "door" | "answer" | "offer";
  at: number;
  from: number;
}

/** What is due next, in ms; `null` where nothing is. What is overdue stays the next thing. */
export function nextDue(incident: Incident, now: number): Due | null {
  const due: Due[] = [];
  const opened = Date.parse(incident.opened_at);
  if (!doorReached(incident)) due.push({ what: "door", at: Date.parse(incident.door_due_at), from: opened });
  const answer = Date.parse(incident.answer_due_at);
  if (!incident.owner && !incident.answered_at && answer > now) due.push({ what: "answer", at: answer, from: opened });
  for (const it of incident.assignments) {
    const expires = it.expires_at ? Date.parse(it.expires_at) : 0;
    if (it.state === "offered" && expires > now) due.push({ what: "offer", at: expires, from: Date.parse(it.at) });
  }
  return due.sort((a, b) => a.at - b.at)[0] ?? null;
}

/** Open incidents of all districts, the most urgent first, then by what is due next, then by id. */
export function queue(state: Board, now: number): Incident[] {
  const keyed = Object.values(state.districts)
    .flatMap((it) => Object.values(it.incidents))
    .map((incident) => ({ incident, due: nextDue(incident, now)?.at ?? Number.MAX_SAFE_INTEGER }));
  keyed.sort((a, b) => a.incident.urgency - b.incident.urgency || a.due - b.due || compareIds(a.incident.id, b.incident.id));
  return keyed.map((it) => it.incident);
}

export function responders(state: Board): Responder[] {
  return Object.values(state.districts).flatMap((it) => Object.values(it.responders));
}

export function responderNamed(state: Board, id: string): Responder | undefined {
  for (const district of Object.values(state.districts)) {
    const found = district.responders[id];
    if (found) return found;
  }
  return undefined;
}

export function incidentNamed(state: Board, id: string): Incident | undefined {
  return state.districts[id.slice(0, id.indexOf("-"))]?.incidents[id];
}

/** The most urgent incident that nobody has claimed yet: what the room is told by sound. */
export function loudest(state: Board): Incident | null {
  let found: Incident | null = null;
  for (const district of Object.values(state.districts)) {
    for (const it of Object.values(district.incidents)) {
      if ((!it.owner || it.unattended) && (!found || it.urgency < found.urgency)) found = it;
    }
  }
  return found;
}

export interface Counts {
  open: number;
  unowned: number;
  free: number;
  overdue: number;
}

export function counts(state: Board, now: number): Counts {
  const open = Object.values(state.districts).flatMap((it) => Object.values(it.incidents));
  return {
    open: open.length,
    unowned: open.filter((it) => !it.owner).length,
    free: responders(state).filter((it) => it.state === "free").length,
    overdue: open.filter((it) => !doorReached(it) && Date.parse(it.door_due_at) <= now).length,
  };
}

const BY_NUMBER = new Intl.Collator("en", { numeric: true });

/** Ids that are counted compare by number: 330481-9 before 330481-10. */
export function compareIds(a: string, b: string): number {
  return BY_NUMBER.compare(a, b);
}
