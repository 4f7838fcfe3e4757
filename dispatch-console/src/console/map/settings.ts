// The base map of this console, and the datum it is drawn in. Kept on this machine.

import { useSyncExternalStore } from "react";
import type { Shift } from "./features";
import { fromGcj02, toGcj02 } from "./datum";

export interface BaseMap {
  /** The address of tiles or of an archive, as it was typed; null for the plain ground. */
  url: string | null;
  gcj02: boolean;
}

const KEPT = "tidewatch.base-map";
let base: BaseMap = read();
const listeners = new Set<() => void>();

function read(): BaseMap {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<BaseMap>;
    return { url: kept.url ?? null, gcj02: kept.gcj02 ?? false };
  } catch {
    return { url: null, gcj02: false };
  }
}

export function setBaseMap(it: BaseMap): void {
  base = it;
  localStorage.setItem(KEPT, JSON.stringify(it));
  listeners.forEach((each) => each());
}

export function useBaseMap(): BaseMap {
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return useSyncExternalStore(subscribe, () => base);
}

const AS_IS: Shift = (lon, lat) => [lon, lat];
export const shiftOf = (it: BaseMap): Shift => (it.gcj02 ? toGcj02 : AS_IS);
export const unshiftOf = (it: BaseMap): Shift => (it.gcj02 ? fromGcj02 : AS_IS);
