// The fields of the registry, as the world file has them: which there are, and how each is typed in.

import type { Table } from "../../api/registry";

export type FieldKind = "text" | "list" | "number" | "date" | "contacts" | readonly string[];

export interface FieldOf {
  name: string;
  kind: FieldKind;
  needed?: boolean;
}

export const FIELDS: Record<Table, FieldOf[]> = {
  subjects: [
    { name: "name", kind: "text", needed: true },
    { name: "premises", kind: "text", needed: true },
    { name: "phones", kind: "list" },
    { name: "birth", kind: "date" },
    { name: "languages", kind: "list" },
    { name: "risks", kind: "list" },
    { name: "conditions", kind: "list" },
    { name: "access", kind: "text" },
    { name: "elder_code", kind: "text" },
    { name: "contact", kind: "contacts" },
  ],
  premises: [
    { name: "district", kind: "text", needed: true },
    { name: "village", kind: "text" },
    { name: "class", kind: ["urban", "rural"], needed: true },
    { name: "address", kind: "text", needed: true },
    { name: "lat", kind: "number", needed: true },
    { name: "lon", kind: "number", needed: true },
  ],
  devices: [
    { name: "subject", kind: "text", needed: true },
    { name: "protocol", kind: "text", needed: true },
    { name: "identity", kind: "text", needed: true },
    { name: "supervision_s", kind: "number" },
  ],
  responders: [
    { name: "name", kind: "text", needed: true },
    { name: "district", kind: "text", needed: true },
    { name: "phone", kind: "text", needed: true },
    { name: "tier", kind: ["keyholder", "volunteer", "staff"], needed: true },
    { name: "skills", kind: "list" },
    { name: "travel", kind: ["foot", "ebike", "car"], needed: true },
    { name: "base_lat", kind: "number", needed: true },
    { name: "base_lon", kind: "number", needed: true },
  ],
};

export const TABLES: Table[] = ["subjects", "premises", "devices", "responders"];

/** As it stands in an input. */
export function typed(value: unknown): string {
  if (Array.isArray(value)) return value.join(", ");
  return value === null || value === undefined ? "" : String(value);
}

/** As the service takes it; what is left empty is absent. */
export function meant(kind: FieldKind, text: string): unknown {
  const plain = text.trim();
  if (kind === "list") return plain ? plain.split(/[,，、]/).map((it) => it.trim()).filter(Boolean) : [];
  if (plain === "") return undefined;
  return kind === "number" ? Number(plain) : plain;
}
