// The world's own places: towns and villages by the addresses of the homes in them, since the plain ground has no
// names of its own. Of the persons who are read for it nothing is kept but where their village is.

import { useQuery } from "@tanstack/react-query";
import { get, query } from "../../api/http";
import { persons } from "../../api/people";
import type { components } from "../../api/schema";

/** Devices lead to the persons, and every so-manieth person is asked: a village has several homes. Of a world with more
 *  devices than these pages hold, the names of a part are shown. */
const PAGE = 500;
const PAGES_MAX = 4;
const SAMPLE_MAX = 600;
const BATCH = 200;

export interface Village {
  /** The statistical code, where the registry has one. */
  code: string | null;
  name: string;
  town: string | null;
  lat: number;
  lon: number;
}

export function usePlaces(wanted: boolean): Village[] {
  const read = useQuery({ queryKey: ["places"], queryFn: readPlaces, enabled: wanted, staleTime: Infinity, gcTime: Infinity });
  return read.data ?? NONE;
}

const NONE: Village[] = [];

type Page = components["schemas"]["Devices"];

async function readPlaces(): Promise<Village[]> {
  const ids = new Set<string>();
  let cursor: string | undefined;
  for (let n = 0; n < PAGES_MAX; n++) {
    const page: Page = await get<Page>(`/devices?${query({ state: "all", limit: PAGE, cursor })}`);
    page.devices.forEach((it) => ids.add(it.subject));
    if (!page.next) break;
    cursor = page.next;
  }
  const sample = sampled([...ids], SAMPLE_MAX);
  const homes: Home[] = [];
  for (let at = 0; at < sample.length; at += BATCH) homes.push(...(await persons(sample.slice(at, at + BATCH))));
  return villagesOf(homes);
}

/** At most so many, spread over all. */
export function sampled<T>(all: T[], most: number): T[] {
  const step = Math.max(1, all.length / most);
  return Array.from({ length: Math.min(all.length, most) }, (_, i) => all[Math.floor(i * step)] as T);
}

export interface Home {
  address: string;
  village: string | null;
  lat: number;
  lon: number;
}

/** `硖石街道东山社区1幢101室`: the town 硖石, the village 东山社区. */
export function placeOf(address: string): { name: string; town: string | null } | null {
  const found = address.match(/^(?:(.{1,6}?)(?:街道|镇|乡))?(.{1,8}?(?:社区|村))/);
  return found?.[2] ? { name: found[2], town: found[1] ?? null } : null;
}

/** One for each name, in the middle of its homes. */
export function villagesOf(homes: Home[]): Village[] {
  const byName = new Map<string, { of: Home[]; name: string; town: string | null }>();
  for (const it of homes) {
    const place = placeOf(it.address);
    if (!place) continue;
    const key = `${place.town ?? ""} ${place.name}`;
    byName.set(key, { ...place, of: [...(byName.get(key)?.of ?? []), it] });
  }
  return [...byName.values()].map(({ of, name, town }) => ({ code: of[0]?.village ?? null, name, town, ...middle(of) }));
}

export function middle(of: { lat: number; lon: number }[]): { lat: number; lon: number } {
  const mean = (key: "lat" | "lon") => of.reduce((sum, it) => sum + it[key], 0) / of.length;
  return { lat: mean("lat"), lon: mean("lon") };
}
