// The registry by hand, and the devices it knows or does not know yet.

import { ask, get, post, query } from "./http";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type DeviceState = Schemas["DeviceState"];
export type Outage = Schemas["OutageShown"];
export type ImportReport = Schemas["Imported"];
export type Table = "premises" | "subjects" | "devices" | "responders";
export type Row = Record<string, unknown>;
export interface FieldFault {
  field: string;
  found: string;
  expected: string;
}

export const row = (table: Table, id: string) => get<{ version: number; value: Row }>(`/registry/${table}/${encodeURIComponent(id)}`);
export const putRow = (table: Table, id: string, version: number | null, value: Row) =>
  ask<Schemas["Changed"]>("PUT", `/registry/${table}/${encodeURIComponent(id)}`, { version, value });
export const endRow = (table: Table, id: string, version: number) =>
  ask<unknown>("DELETE", `/registry/${table}/${encodeURIComponent(id)}?${query({ version })}`);
export const importWorld = (toml: string, dryRun: boolean) =>
  ask<ImportReport>("POST", `/registry/import?dry_run=${dryRun}`, toml, { "Content-Type": "application/toml" });
export const devices = (state: string, district?: string) =>
  get<Schemas["Devices"]>(`/devices?${query({ state, district, limit: 500 })}`);
export const adopt = (body: { device: string; id: string; subject: string; supervision_s?: number }) =>
  post<Schemas["Changed"]>("/devices/unknown/adopt", body);
