// The map: where incidents and responders are, to scale, without a base map. Faint but for what is urgent or on its way.

import { doorReached, openIncidents, responders, stageOf } from "./state.js";

const SVG = "http://www.w3.org/2000/svg";

/** Metres in a degree of latitude. */
const DEGREE_M = 111_320;

/** Around everything that is shown, and the least that is, in metres. */
const MARGIN_M = 900;
const LEAST_M = 4_000;

function s(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function drawMap(svg, state, now, w) {
  const people = responders(state).filter((it) => isPlace(it.place) && it.state !== "off_duty");
  const open = openIncidents(state, now).filter((it) => isPlace(it.place));
  const points = [...people, ...open].map((it) => it.place);
  if (points.length === 0) {
    svg.replaceChildren();
    return;
  }
  const view = frameOf(points, svg.clientWidth || 600, svg.clientHeight || 400);
  svg.setAttribute("viewBox", `0 0 ${view.width} ${view.height}`);
  const byId = new Map(people.map((it) => [it.id, it]));
  svg.replaceChildren(
    ...grid(view),
    ...open.flatMap((it) => ways(it, byId, view)),
    ...people.map((it) => person(it, view)),
    ...open.map((it) => incident(it, view, w)).reverse(),
    ...scale(view),
  );
}

function isPlace(place) {
  return Number.isFinite(place?.lat) && Number.isFinite(place?.lon);
}

/** Fits the points into `width` × `height` pixels with the same scale both ways. */
function frameOf(points, width, height) {
  const lats = points.map((it) => it.lat);
  const lons = points.map((it) => it.lon);
  const middle = { lat: (Math.min(...lats) + Math.max(...lats)) / 2, lon: (Math.min(...lons) + Math.max(...lons)) / 2 };
  const east = DEGREE_M * Math.cos((middle.lat * Math.PI) / 180);
  const wide = Math.max(LEAST_M, (Math.max(...lons) - Math.min(...lons)) * east) + 2 * MARGIN_M;
  const high = Math.max(LEAST_M, (Math.max(...lats) - Math.min(...lats)) * DEGREE_M) + 2 * MARGIN_M;
  const perMetre = Math.min(width / wide, height / high);
  return {
    width,
    height,
    perMetre,
    x: (lon) => width / 2 + (lon - middle.lon) * east * perMetre,
    y: (lat) => height / 2 - (lat - middle.lat) * DEGREE_M * perMetre,
  };
}

/** Lines a few kilometres apart: nothing is drawn that is not known. */
function grid(view) {
  const step = 5_000 * view.perMetre;
  const lines = [];
  for (let x = (view.width / 2) % step; x < view.width; x += step) lines.push(s("line", { class: "grid", x1: x, x2: x, y1: 0, y2: view.height }));
  for (let y = (view.height / 2) % step; y < view.height; y += step) lines.push(s("line", { class: "grid", x1: 0, x2: view.width, y1: y, y2: y }));
  return lines;
}

function scale(view) {
  const length = 5_000 * view.perMetre;
  const [x, y] = [16, view.height - 16];
  return [s("path", { class: "scale", d: `M${x} ${y - 4}v4h${length}v-4` }), s("text", { class: "scale-text", x: x + length / 2, y: y - 6, "text-anchor": "middle" }, "5 km")];
}

/** From whoever is under way to where they are going. */
function ways(it, byId, view) {
  return it.assignments
    .filter((a) => ["accepted", "en_route"].includes(a.state) && byId.has(a.responder))
    .map((a) => {
      const from = byId.get(a.responder).place;
      return s("line", { class: `way ${a.state}`, x1: view.x(from.lon), y1: view.y(from.lat), x2: view.x(it.place.lon), y2: view.y(it.place.lat) });
    });
}

function person(it, view) {
  const [x, y] = [view.x(it.place.lon), view.y(it.place.lat)];
  const label = s("title", {}, `${it.name ?? ""} ${it.id}`);
  return s("path", { class: `person ${it.state}`, d: `M${x} ${y - 6}l5 11l-5 -3l-5 3z` }, label);
}

function incident(it, view, w) {
  const [x, y, u] = [view.x(it.place.lon), view.y(it.place.lat), Math.min(it.urgency, 3)];
  const settled = doorReached(it) ? " settled" : "";
  const label = s("title", {}, `${it.id} ${w(`kind.${it.kind}`)} ${w(`stage.${stageOf(it)}`)}`);
  return s("g", { class: `at u${u}${settled}` }, label, s("rect", { x: x - 9, y: y - 9, width: 18, height: 18, rx: 5 }), s("text", { x, y: y + 4.5, "text-anchor": "middle" }, String(it.urgency)));
}
