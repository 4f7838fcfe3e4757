// How the day goes, and how soon somebody could be where.

import { get, query } from "./http";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Cell = Schemas["CellShown"];
export type Kpis = Schemas["Kpis"];

export const coverage = (district: string) => get<Schemas["Coverage"]>(`/coverage?${query({ district })}`);
export const kpis = (district: string) => get<Kpis>(`/kpis?${query({ district })}`);
