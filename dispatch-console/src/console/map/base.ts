// The base map under the marks: raster tiles, or one PMTiles archive of pictures or of shapes. Of shapes only water,
// roads and names of places are drawn, whatever else the archive holds: no boundaries of any kind.

import type { LayerSpecification } from "maplibre-gl";

export type Base = { kind: "tiles" | "archive"; url: string };

/** What somebody typed; null where it is neither a template of tiles nor an archive. */
export function readBase(text: string): Base | null {
  const url = text.trim();
  if (!/^(https?:\/\/|\/)/.test(url)) return null;
  if (/\.pmtiles(\?|$)/.test(url)) return { kind: "archive", url };
  return ["{z}", "{x}", "{y}"].every((it) => url.includes(it)) ? { kind: "tiles", url } : null;
}

/** Shapes by what the usual makers of such archives call them. */
const WATER = ["water", "ocean", "water_polygons"];
const ROADS = ["roads", "road", "transportation", "streets"];
const NAMES = ["places", "place", "place_labels"];

export interface Tones {
  water: string;
  road: string;
  name: string;
  ground: string;
  font: string[];
}

export function pictureLayers(night: boolean): LayerSpecification[] {
  const paint = { "raster-opacity": night ? 0.45 : 0.7, "raster-saturation": -0.6 };
  return [{ id: "base", type: "raster", source: "base", paint }];
}

/** `names`: the layers that the archive says it has. */
export function shapeLayers(names: string[], tones: Tones): LayerSpecification[] {
  return names.flatMap((name): LayerSpecification[] => {
    const of = { id: `base-${name}`, source: "base", "source-layer": name };
    if (WATER.includes(name)) return [{ ...of, type: "fill", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": tones.water } }];
    if (ROADS.includes(name)) return [{ ...of, type: "line", paint: { "line-color": tones.road, "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.5, 15, 2] } }];
    if (!NAMES.includes(name)) return [];
    const text = ["coalesce", ["get", "name:zh"], ["get", "name:zh-Hans"], ["get", "name"]] as unknown as string;
    const layout = { "text-field": text, "text-font": tones.font, "text-size": 14 } as const;
    return [{ ...of, type: "symbol", layout, paint: { "text-color": tones.name, "text-halo-color": tones.ground, "text-halo-width": 1.5 } }];
  });
}
