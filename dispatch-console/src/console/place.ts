// Which view is open: kept in the address, so that it can be reloaded, and no other page is fetched.

import { useSyncExternalStore } from "react";

export type View = "board" | "hotline" | "devices" | "registry" | "audit";
const VIEWS: View[] = ["board", "hotline", "devices", "registry", "audit"];

export interface Place {
  view: View;
  /** The incident, call or row that is open in it. */
  id: string | null;
}

let place = read();

function read(): Place {
  const [view = "", id = ""] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  return { view: VIEWS.find((it) => it === view) ?? "board", id: id || null };
}

const listeners = new Set<() => void>();

function moved(): void {
  const next = read();
  if (next.view === place.view && next.id === place.id) return;
  place = next;
  listeners.forEach((it) => it());
}
window.addEventListener("hashchange", moved);

/** At once, not when the browser tells: the next key is for what has just been opened. */
export function go(view: View, id: string | null = null): void {
  location.hash = id ? `/${view}/${encodeURIComponent(id)}` : `/${view}`;
  moved();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePlace(): Place {
  return useSyncExternalStore(subscribe, () => place);
}
