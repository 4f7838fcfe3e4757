// How the map looks: a plain ground in the page's own colours, or tiles under it. No boundaries of any kind.

import type { LayerSpecification, StyleSpecification } from "maplibre-gl";

export function colour(token: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();
}

export function style(tiles: string | null): StyleSpecification {
  const ground = { id: "ground", type: "background", paint: { "background-color": colour("ground") } } as const;
  if (!tiles) return { version: 8, sources: {}, layers: [ground] };
  return {
    version: 8,
    sources: { base: { type: "raster", tiles: [tiles], tileSize: 256 } },
    layers: [ground, { id: "base", type: "raster", source: "base", paint: { "raster-opacity": 0.6 } }],
  };
}

const FONT = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"];

export function layers(): LayerSpecification[] {
  const cell = ["match", ["get", "state"], "covered", colour("cell-covered"), "tight", colour("cell-tight"), colour("cell-uncovered")] as unknown as string;
  return [
    { id: "cells", type: "fill", source: "cells", paint: { "fill-color": cell, "fill-opacity": ["match", ["get", "state"], "covered", 0.35, "tight", 0.55, 0.85] } },
    { id: "cell-edges", type: "line", source: "cells", paint: { "line-color": colour("line"), "line-width": 1 } },
    // What is not covered stands out without colour too.
    { id: "cell-alarm", type: "line", source: "cells", filter: ["==", ["get", "state"], "uncovered"], paint: { "line-color": colour("u1"), "line-width": 1.5, "line-dasharray": [2, 1.5] } },
    { id: "route", type: "line", source: "route", paint: { "line-color": colour("ink"), "line-width": 2, "line-dasharray": [1, 1.5] } },
    {
      id: "labels",
      type: "symbol",
      source: "labels",
      layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 14, "text-max-width": 12, "text-variable-anchor": ["bottom", "top", "left", "right"], "text-radial-offset": 1.5 },
      paint: { "text-color": colour("dim"), "text-halo-color": colour("ground"), "text-halo-width": 1.5 },
    },
    {
      id: "responders",
      type: "symbol",
      source: "responders",
      layout: { "icon-image": ["concat", "responder-", ["get", "look"]], "icon-rotate": ["get", "heading"], "icon-allow-overlap": true, "icon-size": 1 },
      paint: { "icon-opacity": ["get", "freshness"] },
    },
    {
      id: "responder-names",
      type: "symbol",
      source: "responders",
      filter: ["has", "name"],
      layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 14, "text-offset": [0, 1.2], "text-anchor": "top", "text-optional": true },
      paint: { "text-color": colour("ink"), "text-halo-color": colour("ground"), "text-halo-width": 1.5 },
    },
    {
      id: "incidents",
      type: "symbol",
      source: "incidents",
      filter: ["!", ["has", "point_count"]],
      layout: { "icon-image": ["concat", "urgency-", ["get", "urgency"], ["case", ["get", "chosen"], "-chosen", ""]], "icon-allow-overlap": true, "symbol-sort-key": ["-", 10, ["get", "urgency"]] },
    },
    {
      id: "clusters",
      type: "symbol",
      source: "incidents",
      filter: ["has", "point_count"],
      layout: { "icon-image": ["concat", "urgency-", ["get", "urgency"]], "icon-allow-overlap": true, "text-field": ["concat", "×", ["get", "point_count"]], "text-font": FONT, "text-size": 14, "text-offset": [1.6, 0], "text-allow-overlap": true },
      paint: { "text-color": colour("bright"), "text-halo-color": colour("ground"), "text-halo-width": 2 },
    },
  ];
}
