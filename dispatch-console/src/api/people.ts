// Persons at risk: who they are, all of one, finding them, and how to get in.

import { get, query } from "./http";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Person = Schemas["Person"];
export type Contact = Schemas["ContactRow"];
export type Dossier = Schemas["WholeSubject"];
export type Found = Schemas["Found"];
export type Access = Schemas["AccessTo"];

export const persons = (ids: string[]) => get<Schemas["People"]>(`/subjects?${query({ ids: ids.join(",") })}`).then((it) => it.subjects);
export const dossier = (id: string) => get<Dossier>(`/subjects/${encodeURIComponent(id)}`);
export const search = (q: string) => get<Found>(`/search?${query({ q, limit: 20 })}`);
export const access = (incident: string) => get<Schemas["Access"]>(`/incidents/${incident}/access`).then((it) => it.subjects);
