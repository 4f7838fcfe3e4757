// Where the responder is: told only on duty or on an assignment, and the screen says so.

import { useEffect, useSyncExternalStore } from "react";
import { tellLink } from "./session";

export type PositionState = "off" | "sharing" | "blocked";

let state: PositionState = "off";
const listeners = new Set<() => void>();

function put(next: PositionState): void {
  state = next;
  listeners.forEach((it) => it());
}

export function usePositionState(): PositionState {
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return useSyncExternalStore(subscribe, () => state);
}

export function usePosition(on: boolean): void {
  useEffect(() => {
    if (!on || !("geolocation" in navigator)) {
      put("off");
      return;
    }
    const watch = navigator.geolocation.watchPosition(
      ({ coords, timestamp }) => {
        put("sharing");
        const at = new Date(timestamp).toISOString();
        tellLink({ position: { lat: coords.latitude, lon: coords.longitude, datum: "wgs84", accuracy_m: coords.accuracy, at } });
      },
      (why) => why.code === why.PERMISSION_DENIED && put("blocked"),
      { enableHighAccuracy: true, maximumAge: 5_000 },
    );
    return () => navigator.geolocation.clearWatch(watch);
  }, [on]);
}
