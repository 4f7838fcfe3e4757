// A map in a place of the page: loaded when it is first needed, drawn again on another ground, gone with its place.

import { useEffect, useRef, useState, type RefObject } from "react";
import type { MapView } from "./engine";
import { useBaseMap } from "./settings";

interface Asked {
  title: string;
  incident?: (id: string) => void;
  place?: (lon: number, lat: number) => void;
}

export type MapState = "loading" | "ready" | "failed";

export function useMap(asked: Asked): { holder: RefObject<HTMLDivElement | null>; map: MapView | null; state: MapState } {
  const holder = useRef<HTMLDivElement>(null);
  const latest = useRef(asked);
  latest.current = asked;
  const [map, setMap] = useState<MapView | null>(null);
  const [state, setState] = useState<MapState>("loading");
  const { tiles } = useBaseMap();

  useEffect(() => {
    let view: MapView | null = null;
    let gone = false;
    import("./engine").then(
      ({ openMap }) => {
        if (gone || !holder.current) return;
        try {
          view = openMap(holder.current, {
            tiles,
            title: latest.current.title,
            ready: () => setState("ready"),
            incident: (id) => latest.current.incident?.(id),
            place: (lon, lat) => latest.current.place?.(lon, lat),
          });
          setMap(view);
        } catch {
          // A machine that cannot draw it still has the list.
          setState("failed");
        }
      },
      () => setState("failed"),
    );
    const grounds = new MutationObserver(() => view?.recolour());
    grounds.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const sizes = new ResizeObserver(() => view?.resize());
    if (holder.current) sizes.observe(holder.current);
    return () => {
      gone = true;
      grounds.disconnect();
      sizes.disconnect();
      view?.remove();
      setMap(null);
    };
  }, [tiles]);
  return { holder, map, state };
}
