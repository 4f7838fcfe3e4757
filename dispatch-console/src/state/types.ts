// What the feed tells, in the shapes of the contract. Fields that may be absent on the wire are optional here.

export type Stage = "waiting" | "offering" | "assigned" | "en_route" | "at_door" | "inside" | "escalated" | "closed";
export type AssignmentState =
  | "offered" | "accepted" | "en_route" | "at_door" | "inside" | "clear" | "declined" | "expired" | "withdrawn";

export interface Place {
  lat?: number;
  lon?: number;
  source: string;
  age_s?: number;
  accuracy_m?: number;
  address?: string | null;
}

export interface Assignment {
  responder: string;
  offer: string;
  state: AssignmentState;
  at: string;
  eta_s?: number;
  expires_at?: string;
  arrival_at?: string;
}

export interface Task {
  task: string;
  rung: string;
  due_at?: string;
  confirmed_at?: string;
  by?: string;
}

export interface Incident {
  id: string;
  district: string;
  state: "open" | "closed";
  stage?: Stage;
  kind: string;
  urgency: number;
  presses: number;
  subject: string | null;
  subjects: string[];
  premises: string | null;
  place: Place | null;
  class: "urban" | "rural";
  opened_at: string;
  opened_by?: string;
  call?: string;
  door_due_at: string;
  answer_due_at: string;
  answered_at?: string;
  owner: string | null;
  assignments: Assignment[];
  tasks: Task[];
  rung?: string;
  disposition?: string | null;
  closed_at?: string;
  /** Known from events seen here. */
  escalated?: boolean;
  door_met?: boolean;
  door_breached?: boolean;
  unattended?: boolean;
}

export interface Signal {
  seq: number;
  device: string | null;
  id: string | null;
  kind: string;
  at: string | null;
  received_at: string;
  outcome: string;
  place: string;
  late: boolean;
}

/** One event of the journal: its own fields beside those that all share. */
export interface Event {
  seq: number;
  at: string;
  type: string;
  incident?: string;
  responder?: string;
  offer?: string;
  subject?: string;
  device?: string;
  call?: string;
  by?: string;
  [field: string]: unknown;
}

export interface Timeline extends Incident {
  signals: Signal[];
  timeline: Event[];
}

export interface Responder {
  id: string;
  name: string | null;
  tier: string;
  duty: boolean;
  state: string;
  place: { lat: number; lon: number } | null;
  assignment: { incident: string; offer: string } | null;
  /** When the position was true, in ms; null at their base. */
  placeAt: number | null;
  /** Degrees from north in which they last moved. */
  heading: number | null;
}

export interface Position {
  responder: string;
  lat: number;
  lon: number;
  at: string;
  accuracy_m?: number;
}

/** What the service says on the live feed. */
export interface Message {
  district?: string;
  snapshot?: { seq: number; generation?: string; incidents: Incident[]; responders: (Omit<Responder, "placeAt" | "heading"> & { place_age_s?: number | null })[] };
  resumed?: { seq: number; generation?: string };
  frame?: { from: number; to: number; events: Event[] };
  positions?: Position[];
  heartbeat?: { at: string; heads: Record<string, number> };
  resync?: { reason: string };
}
