// Persons, search, registry, coverage, numbers of the day, devices, access at the door, channels: what is asked of the
// service. Shapes are those of its own description.

import { ask, get, post, query } from "./http";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Person = Schemas["Person"];
export type Contact = Schemas["ContactRow"];
export type Dossier = Schemas["WholeSubject"];
export type DeviceState = Schemas["DeviceState"];
export type Outage = Schemas["OutageShown"];
export type Found = Schemas["Found"];
export type Cell = Schemas["CellShown"];
export type Kpis = Schemas["Kpis"];
export type ImportReport = Schemas["Imported"];
export type Channel = Schemas["ChannelState"];
export type Access = Schemas["AccessTo"];

export type Table = "premises" | "subjects" | "devices" | "responders";
export type Row = Record<string, unknown>;

export interface FieldFault {
  field: string;
  found: string;
  expected: string;
}

export const persons = (ids: string[]) => get<Schemas["People"]>(`/subjects?${query({ ids: ids.join(",") })}`).then((it) => it.subjects);
export const dossier = (id: string) => get<Dossier>(`/subjects/${encodeURIComponent(id)}`);
export const search = (q: string) => get<Found>(`/search?${query({ q, limit: 20 })}`);

export const row = (table: Table, id: string) => get<{ version: number; value: Row }>(`/registry/${table}/${encodeURIComponent(id)}`);
export const putRow = (table: Table, id: string, version: number | null, value: Row) =>
  ask<Schemas["Changed"]>("PUT", `/registry/${table}/${encodeURIComponent(id)}`, { version, value });
export const endRow = (table: Table, id: string, version: number) =>
  ask<unknown>("DELETE", `/registry/${table}/${encodeURIComponent(id)}?${query({ version })}`);
export const importWorld = (toml: string, dryRun: boolean) =>
  ask<ImportReport>("POST", `/registry/import?dry_run=${dryRun}`, toml, { "Content-Type": "application/toml" });

export const coverage = (district: string) => get<Schemas["Coverage"]>(`/coverage?${query({ district })}`);
export const kpis = (district: string) => get<Kpis>(`/kpis?${query({ district })}`);

export const devices = (state: string, district?: string) =>
  get<Schemas["Devices"]>(`/devices?${query({ state, district, limit: 500 })}`);
export const adopt = (body: { device: string; id: string; subject: string; supervision_s?: number }) =>
  post<Schemas["Changed"]>("/devices/unknown/adopt", body);

export const access = (incident: string) => get<Schemas["Access"]>(`/incidents/${incident}/access`).then((it) => it.subjects);
export const pushKey = () => get<Schemas["PushKey"]>("/push/key").then((it) => it.public_key);
export const subscribePush = (body: Schemas["Subscription"]) => post<void>("/push/subscriptions", body);
export const channels = () => get<Schemas["Channels"]>("/channels").then((it) => it.channels);
export const testChannel = (channel: string) => post<Schemas["Tested"]>("/channels/test", { channel });
export const confirmChannel = (token: string) => post<Schemas["Confirmed"]>("/channels/confirm", { token });
