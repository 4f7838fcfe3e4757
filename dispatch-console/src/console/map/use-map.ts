// A map in a place of the page: loaded when it is first needed, drawn again on another ground, gone with its place.

import { useEffect, useRef, useState, type RefObject } from "react";
import type { MapView } from "./engine";
import { useBaseMap } from "./settings";

interface Asked {
  title: string;
  incident?: (id: string) => void;
  place?: (lon: number, lat: number) => void;
  pointed?: (lon: number, lat: number) => void;
}

export type MapState = "loading" | "ready" | "failed";
/** Of the base map, where one is set. */
export type BaseState = "none" | "drawn" | "failed";

export interface UsedMap {
  holder: RefObject<HTMLDivElement | null>;
  map: MapView | null;
  state: MapState;
  base: BaseState;
}

export function useMap(asked: Asked): UsedMap {
  const holder = useRef<HTMLDivElement>(null);
  const latest = useRef(asked);
  latest.current = asked;
  const [map, setMap] = useState<MapView | null>(null);
  const [state, setState] = useState<MapState>("loading");
  const [base, setBase] = useState<BaseState>("none");
  const { url } = useBaseMap();

  useEffect(() => {
    let view: MapView | null = null;
    let gone = false;
    setBase("none");
    import("./engine").then(
      ({ openMap }) => {
        if (gone || !holder.current) return;
        try {
          view = openMap(holder.current, {
            base: url,
            title: latest.current.title,
            ready: () => setState("ready"),
            based: (drawn) => setBase(drawn ? "drawn" : "failed"),
            incident: (id) => latest.current.incident?.(id),
            place: (lon, lat) => latest.current.place?.(lon, lat),
            pointed: (lon, lat) => latest.current.pointed?.(lon, lat),
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
  }, [url]);
  return { holder, map, state, base };
}
