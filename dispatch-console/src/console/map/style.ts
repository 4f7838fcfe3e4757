// How the map looks: a plain ground in the page's own colours, and what is drawn over it. No boundaries of any kind.

import type { LayerSpecification, StyleSpecification } from "maplibre-gl";

export function colour(token: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();
}

/** Its colour is set when the page's own is known. */
export const PLAIN: StyleSpecification = { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": "#000000" } }] };

export const FONT = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"];

/** Names of villages appear where they have room; from afar those of towns stand alone. */
const VILLAGES_FROM = 12.2;

export function layers(): LayerSpecification[] {
  return [...cells(), ...names(), ...people(), ...incidents()];
}

function halo(tone: string) {
  return { "text-color": colour(tone), "text-halo-color": colour("ground"), "text-halo-width": 1.5 };
}

function cells(): LayerSpecification[] {
  const tone = ["match", ["get", "state"], "covered", colour("cell-covered"), "tight", colour("cell-tight"), colour("cell-uncovered")] as unknown as string;
  return [
    { id: "cells", type: "fill", source: "cells", paint: { "fill-color": tone, "fill-opacity": ["match", ["get", "state"], "covered", 0.6, "tight", 0.7, 0.9] } },
    { id: "cell-edges", type: "line", source: "cells", paint: { "line-color": colour("ground"), "line-width": 1 } },
    // What is not covered stands out without colour too.
    { id: "cell-alarm", type: "line", source: "cells", filter: ["==", ["get", "state"], "uncovered"], paint: { "line-color": colour("u1"), "line-width": 1.5, "line-dasharray": [2, 1.5] } },
  ];
}

function names(): LayerSpecification[] {
  const text = { "text-field": ["get", "name"] as unknown as string, "text-font": FONT, "text-max-width": 12 };
  return [
    {
      id: "villages",
      type: "symbol",
      source: "labels",
      minzoom: VILLAGES_FROM,
      filter: ["==", ["get", "rank"], "village"],
      layout: { ...text, "text-size": 14, "text-variable-anchor": ["center", "bottom", "top", "left", "right"], "text-radial-offset": 0.6 },
      paint: halo("dim"),
    },
    // Placed before what lies under them: where both have no room, the town stays.
    { id: "towns", type: "symbol", source: "labels", filter: ["==", ["get", "rank"], "town"], maxzoom: 14, layout: { ...text, "text-size": 16, "text-letter-spacing": 0.08, "text-offset": [0, -1.4], "text-allow-overlap": true }, paint: halo("ink") },
  ];
}

function people(): LayerSpecification[] {
  return [
    { id: "homes", type: "symbol", source: "homes", layout: { "icon-image": "home", "icon-allow-overlap": true, "icon-ignore-placement": true } },
    {
      id: "home-names",
      type: "symbol",
      source: "homes",
      minzoom: 14,
      layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 14, "text-offset": [0, 1], "text-anchor": "top" },
      paint: halo("dim"),
    },
    { id: "route", type: "line", source: "route", layout: { "line-cap": "round" }, paint: { "line-color": colour("bright"), "line-width": 2, "line-dasharray": [0.5, 2] } },
    {
      id: "responders",
      type: "symbol",
      source: "responders",
      layout: { "icon-image": ["concat", "responder-", ["get", "look"]], "icon-rotate": ["get", "heading"], "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-size": ["interpolate", ["linear"], ["zoom"], 9, 0.65, 13, 1] },
      paint: { "icon-opacity": ["get", "freshness"] },
    },
    {
      id: "responder-names",
      type: "symbol",
      source: "responders",
      filter: ["has", "name"],
      layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 14, "text-offset": [0, 1.2], "text-anchor": "top", "text-allow-overlap": true },
      paint: halo("bright"),
    },
  ];
}

function incidents(): LayerSpecification[] {
  return [
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
      paint: { ...halo("bright"), "text-halo-width": 2 },
    },
  ];
}
