// Endpoints whose shapes the description does not say in full, written by hand: persons, search, registry, coverage,
// numbers of the day, devices, access at the door, channels. A service that lacks one answers 404, and the view says so.

import { ask, get, post, query } from "./http";

export interface Person {
  id: string;
  name: string;
  birth: string | null;
  risks: string[];
  languages: string[];
  premises: string;
  address: string;
  village: string | null;
  lat: number;
  lon: number;
  class: "urban" | "rural";
  district: string;
}

export interface Contact {
  name: string;
  phone: string;
  relation?: string | null;
  keyholder?: boolean;
}

export interface Subject {
  id: string;
  premises: string;
  name: string;
  phones: string[];
  birth?: string | null;
  languages?: string[];
  risks?: string[];
  conditions?: string[];
  access?: string | null;
  elder_code?: string | null;
  contact?: Contact[];
  contacts?: Contact[];
}

export interface Premises {
  id: string;
  district: string;
  village?: string | null;
  class: "urban" | "rural";
  address: string;
  lat: number;
  lon: number;
}

export interface DeviceState {
  id: string;
  subject: string;
  protocol: string;
  identity: string;
  supervision_s: number | null;
  last_seen: string | null;
  battery_pct: number | null;
  silent_since: string | null;
}

export interface Dossier {
  version: number;
  subject: Subject;
  premises: Premises;
  devices: DeviceState[];
  incidents: { id: string; kind: string; opened_at: string; closed_at: string | null; disposition: string | null }[];
}

export interface Found {
  subjects: (Person & { matched: string })[];
  incidents: { id: string; kind: string; state: string; opened_at: string }[];
  responders: { id: string; name: string; tier: string }[];
}

export interface Cell {
  cell: string;
  class: "urban" | "rural";
  promise_s: number;
  first_s: number | null;
  state: "covered" | "tight" | "uncovered";
}

export interface Kpis {
  at: string;
  open: Record<string, number>;
  unowned: number;
  oldest_unanswered_s: number | null;
  door: Record<"urban" | "rural", { n: number; met: number }>;
  calls: { n: number; answered_in_time: number; target_s: number };
  responders: { on_duty: number; free: number };
  uncovered_cells: number;
}

export interface Outage {
  id: string;
  district: string;
  since: string;
  devices: number;
  place?: string;
}

export type Table = "premises" | "subjects" | "devices" | "responders";
export type Row = Record<string, unknown>;

export interface FieldFault {
  field: string;
  found: string;
  expected: string;
}

export interface ImportReport {
  applied: boolean;
  tables: { table: string; added: number; changed: number; unchanged: number }[];
}

export interface Channel {
  channel: "link" | "push" | "sms" | "voice";
  confirmed: boolean;
  last_ok: string | null;
  last_error: string | null;
}

export interface Access {
  id: string;
  name: string;
  access: string | null;
  keyholders: Contact[];
}

export const persons = (ids: string[]) => get<{ subjects: Person[] }>(`/subjects?${query({ ids: ids.join(",") })}`).then((it) => it.subjects);
export const dossier = (id: string) => get<Dossier>(`/subjects/${encodeURIComponent(id)}`);
export const search = (q: string) => get<Found>(`/search?${query({ q, limit: 20 })}`);

export const row = (table: Table, id: string) => get<{ version: number; value: Row }>(`/registry/${table}/${encodeURIComponent(id)}`);
export const putRow = (table: Table, id: string, version: number | null, value: Row) =>
  ask<{ version: number }>("PUT", `/registry/${table}/${encodeURIComponent(id)}`, { version, value });
export const endRow = (table: Table, id: string, version: number) =>
  ask<unknown>("DELETE", `/registry/${table}/${encodeURIComponent(id)}?${query({ version })}`);
export const importWorld = (toml: string, dryRun: boolean) =>
  ask<ImportReport>("POST", `/registry/import?dry_run=${dryRun}`, toml, { "Content-Type": "application/toml" });

export const coverage = (district: string) => get<{ at: string; resolution: number; cells: Cell[] }>(`/coverage?${query({ district })}`);
export const kpis = (district: string) => get<Kpis>(`/kpis?${query({ district })}`);

export const devices = (state: string, district?: string) =>
  get<{ devices: DeviceState[]; outages: Outage[]; next: string | null }>(`/devices?${query({ state, district, limit: 500 })}`);
export const adopt = (body: { device: string; id: string; subject: string; supervision_s?: number }) =>
  post<{ version: number }>("/devices/unknown/adopt", body);

export const access = (incident: string) => get<{ subjects: Access[] }>(`/incidents/${incident}/access`).then((it) => it.subjects);
export const pushKey = () => get<{ public_key: string }>("/push/key").then((it) => it.public_key);
export const subscribePush = (body: unknown) => post<void>("/push/subscriptions", body);
export const channels = () => get<{ channels: Channel[] }>("/channels").then((it) => it.channels);
export const testChannel = (channel: string) => post<unknown>("/channels/test", { channel });
export const confirmChannel = (token: string) => post<unknown>("/channels/confirm", { token });
