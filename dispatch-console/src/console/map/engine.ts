// The map itself: loaded after everything else. Draws what it is given and knows nothing of the board.

import "maplibre-gl/dist/maplibre-gl.css";
import * as maplibregl from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { FeatureCollection } from "geojson";
import { PMTiles, Protocol } from "pmtiles";
import { theme } from "../../ui/theme";
import { pictureLayers, readBase, shapeLayers, type Base } from "./base";
import { drawMarks } from "./marks";
import { FONT, colour, layers, PLAIN } from "./style";

// Without it the build is green and the map never loads.
maplibregl.setWorkerUrl(workerUrl);
const archives = new Protocol();
maplibregl.addProtocol("pmtiles", archives.tile);

const LAYERS = ["cells", "homes", "route", "labels", "responders", "incidents"] as const;
export type Layer = (typeof LAYERS)[number];

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
  base: string | null;
  /** What the map is called by those who hear the page. */
  title: string;
  ready: () => void;
  /** The base map is drawn, or cannot be read. */
  based: (drawn: boolean) => void;
  /** An incident was clicked, or a place on the ground. */
  incident?: (id: string) => void;
  place?: (lon: number, lat: number) => void;
  /** A place was asked about, with the other button or a long touch. */
  pointed?: (lon: number, lat: number) => void;
}

/** Some villages around an incident. */
const CLOSE_ZOOM = 12.5;
/** A district is seen whole at about this zoom. */
const FIT_ZOOM_MAX = 13;
/** An archive of shapes: tiles as Mapbox has them. */
const MVT = 1;

export function openMap(container: HTMLElement, options: Options): MapView {
  const map = new maplibregl.Map({
    container,
    style: PLAIN,
    attributionControl: false,
    center: [120.68, 30.53],
    zoom: 11,
    maxZoom: 18,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
    locale: { "Map.Title": options.title },
  });
  const base = options.base === null ? null : readBase(options.base);
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
  map.on("contextmenu", (event) => options.pointed?.(event.lngLat.lng, event.lngLat.lat));
  map.on("sourcedata", (event) => {
    if (event.sourceId === "base" && event.isSourceLoaded) options.based(true);
  });
  map.on("error", (event) => {
    // What is no fault of the base map is a fault of ours.
    if ((event as { sourceId?: string }).sourceId === "base") options.based(false);
    else console.error(event.error);
  });

  function dress() {
    map.setPaintProperty("ground", "background-color", colour("ground"));
    drawMarks(map);
    for (const each of LAYERS) {
      const data = latest.get(each) ?? EMPTY;
      map.addSource(each, each === "incidents" ? { type: "geojson", data, cluster: true, clusterRadius: 28, clusterMaxZoom: 12, clusterProperties: { urgency: ["min", ["get", "urgency"]] } } : { type: "geojson", data });
    }
    layers().forEach((it) => map.addLayer(it));
    if (base) void underlay(map, base).catch(() => options.based(false));
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
    // At once: a map that is resized meanwhile would stop on the way.
    centre: (lon, lat) => map.jumpTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), CLOSE_ZOOM) }),
    recolour: () => {
      if (!loaded) return;
      loaded = false;
      map.setStyle(PLAIN, { diff: false });
      map.once("style.load", () => {
        loaded = true;
        dress();
      });
    },
    resize: () => map.resize(),
    remove: () => map.remove(),
  };
}

/** Below everything of ours. */
async function underlay(map: maplibregl.Map, base: Base): Promise<void> {
  const below = LAYERS[0];
  const url = new URL(base.url, location.href).href.replaceAll("%7B", "{").replaceAll("%7D", "}");
  if (base.kind === "tiles") {
    map.addSource("base", { type: "raster", tiles: [url], tileSize: 256 });
    pictureLayers(theme() === "night").forEach((it) => map.addLayer(it, below));
    return;
  }
  const shapes = await shapesOf(url);
  if (map.getSource("base")) return;
  map.addSource("base", shapes ? { type: "vector", url: `pmtiles://${url}` } : { type: "raster", url: `pmtiles://${url}`, tileSize: 256 });
  const tones = { water: colour("water"), road: colour("edge"), name: colour("dim"), ground: colour("ground"), font: FONT };
  const drawn = shapes ? shapeLayers(shapes, tones) : pictureLayers(theme() === "night");
  drawn.forEach((it) => map.addLayer(it, below));
}

/** The names of the layers of an archive of shapes; null for one of pictures. */
async function shapesOf(url: string): Promise<string[] | null> {
  const archive = archives.get(url) ?? new PMTiles(url);
  archives.add(archive);
  const { tileType } = await archive.getHeader();
  if (tileType !== MVT) return null;
  const { vector_layers: known } = (await archive.getMetadata()) as { vector_layers?: { id: string }[] };
  return (known ?? []).map((it) => it.id);
}

const EMPTY: FeatureCollection = { type: "FeatureCollection", features: [] };
