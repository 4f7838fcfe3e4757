// The map itself: loaded after everything else. Draws what it is given and knows nothing of the board.

import "maplibre-gl/dist/maplibre-gl.css";
import * as maplibregl from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { FeatureCollection } from "geojson";
import { drawMarks } from "./marks";
import { layers, style } from "./style";

// Without it the build is green and the map never loads.
maplibregl.setWorkerUrl(workerUrl);

export type Layer = "cells" | "incidents" | "responders" | "labels" | "route";

export interface MapView {
  show(layer: Layer, features: FeatureCollection): void;
  fit(bounds: [number, number, number, number]): void;
  centre(lon: number, lat: number): void;
  /** The page has another ground. */
  recolour(): void;
  resize(): void;
  remove(): void;
}

interface Options {
  tiles: string | null;
  /** What the map is called by those who hear the page. */
  title: string;
  ready: () => void;
  /** An incident was clicked, or a place on the ground. */
  incident?: (id: string) => void;
  place?: (lon: number, lat: number) => void;
}

/** A district is seen whole at about this zoom. */
const FIT_ZOOM_MAX = 13;

export function openMap(container: HTMLElement, options: Options): MapView {
  const map = new maplibregl.Map({
    container,
    style: style(options.tiles),
    attributionControl: false,
    center: [120.68, 30.53],
    zoom: 11,
    maxZoom: 18,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
    locale: { "Map.Title": options.title },
  });
  const latest = new Map<Layer, FeatureCollection>();
  const drawn = new Map<Layer, string>();
  let loaded = false;

  map.on("load", () => {
    loaded = true;
    dress();
    map.once("idle", options.ready);
  });
  map.on("click", (event) => {
    const found = loaded ? map.queryRenderedFeatures(event.point, { layers: ["incidents"] })[0] : undefined;
    const id = found?.properties.id as string | undefined;
    if (id) options.incident?.(id);
    else options.place?.(event.lngLat.lng, event.lngLat.lat);
  });

  function dress() {
    drawMarks(map);
    for (const each of ["cells", "route", "labels", "responders", "incidents"] as Layer[]) {
      const data = latest.get(each) ?? EMPTY;
      map.addSource(each, each === "incidents" ? { type: "geojson", data, cluster: true, clusterRadius: 28, clusterMaxZoom: 12, clusterProperties: { urgency: ["min", ["get", "urgency"]] } } : { type: "geojson", data });
    }
    layers().forEach((it) => map.addLayer(it));
  }

  return {
    show: (layer, features) => {
      // To draw is dear, above all without a graphics card: what has not changed is not drawn again.
      const text = JSON.stringify(features);
      if (drawn.get(layer) === text) return;
      drawn.set(layer, text);
      latest.set(layer, features);
      if (loaded) (map.getSource(layer) as maplibregl.GeoJSONSource | undefined)?.setData(features);
    },
    fit: ([west, south, east, north]) => map.fitBounds([[west, south], [east, north]], { padding: 32, maxZoom: FIT_ZOOM_MAX, animate: false }),
    centre: (lon, lat) => map.easeTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), 12.5), duration: 300 }),
    recolour: () => {
      if (!loaded) return;
      loaded = false;
      map.setStyle(style(options.tiles), { diff: false });
      map.once("style.load", () => {
        loaded = true;
        dress();
      });
    },
    resize: () => map.resize(),
    remove: () => map.remove(),
  };
}

const EMPTY: FeatureCollection = { type: "FeatureCollection", features: [] };
