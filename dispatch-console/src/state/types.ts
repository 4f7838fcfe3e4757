// What the feed tells. Shapes that the service describes are its own; what the board keeps beside them stands here.

import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type Stage = Schemas["Stage"];
export type AssignmentState = Schemas["AssignmentState"];
export type Task = Schemas["Task"];
export type Aid = Schemas["Aid"];
export type Signal = Schemas["Signal"];
export type Place = Schemas["Place"];

/** With what events tell of it beside. */
export interface Assignment extends Omit<Schemas["Assignment"], "eta_s" | "way"> {
  eta_s?: number;
  way?: Schemas["Way"];
  expires_at?: string;
  arrival_at?: string;
}

export interface Incident extends Omit<Schemas["Incident"], "stage" | "assignments"> {
  /** Absent where events have changed it: it follows from the rest. */
  stage?: Stage;
  assignments: Assignment[];
  /** Known from events seen here. */
  escalated?: boolean;
  door_met?: boolean;
  door_breached?: boolean;
  unattended?: boolean;
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

export interface Responder extends Omit<Schemas["Responder"], "place_age_s" | "assignment"> {
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

/** `unready`: districts that can take no alarm just now, and why. */
export interface Heartbeat {
  at: string;
  heads: Record<string, number>;
  unready?: Record<string, string>;
}

/** What the service says on the live feed. */
export interface Message {
  district?: string;
  snapshot?: { seq: number; generation?: string; incidents: Incident[]; responders: Schemas["Responder"][] };
  resumed?: { seq: number; generation?: string };
  frame?: { from: number; to: number; events: Event[] };
  positions?: Position[];
  heartbeat?: Heartbeat;
  resync?: { reason: string };
}
