// Who is that: rows ask for one person each, and one call asks for all of them.

import { useQuery } from "@tanstack/react-query";
import { persons, type Person } from "./people";

/** As many as the service answers at once. */
const BATCH_MAX = 200;
/** Rows that appear together ask together, in ms. */
const GATHER_MS = 20;

type Waiting = { id: string; found: (person: Person | null) => void; failed: (why: unknown) => void };

let waiting: Waiting[] = [];

function load(id: string): Promise<Person | null> {
  return new Promise((found, failed) => {
    waiting.push({ id, found, failed });
    if (waiting.length === 1) setTimeout(() => void flush(), GATHER_MS);
  });
}

async function flush() {
  const [now, later] = [waiting.slice(0, BATCH_MAX), waiting.slice(BATCH_MAX)];
  waiting = later;
  if (later.length > 0) setTimeout(() => void flush(), 0);
  try {
    const byId = new Map((await persons([...new Set(now.map((it) => it.id))])).map((it) => [it.id, it]));
    now.forEach((it) => it.found(byId.get(it.id) ?? null));
  } catch (why) {
    now.forEach((it) => it.failed(why));
  }
}

/** Names change seldom, in ms. */
const FRESH_MS = 5 * 60_000;

export function usePerson(id: string | null | undefined): Person | null {
  const asked = useQuery({ queryKey: ["person", id], queryFn: () => load(id as string), enabled: Boolean(id), staleTime: FRESH_MS });
  return asked.data ?? null;
}

/** Full years at a time in ms. */
export function ageOf(birth: string | null | undefined, now: number): number | null {
  if (!birth) return null;
  const [year = 0, month = 1, day = 1] = birth.split("-").map(Number);
  const today = new Date(now);
  const before = today.getMonth() + 1 < month || (today.getMonth() + 1 === month && today.getDate() < day);
  return today.getFullYear() - year - (before ? 1 : 0);
}
