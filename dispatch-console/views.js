// Draws the board: state in, elements out. Text is set as text, never as markup.

import { counts, doorReached, nextDue, openIncidents, responders, stageOf } from "./state.js";

/** An element with attributes and children; a child is an element or a text. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function drawCounts(list, state, now, w) {
  const it = counts(state, now);
  const shown = [["open", it.open], ["unowned", it.unowned, "warn"], ["under_way", it.under_way], ["at_doors", it.at_door], ["overdue", it.overdue, "alarm"], ["free_responders", it.free]];
  list.replaceChildren(
    ...shown.map(([key, count, tone]) => h("div", { class: count > 0 && tone ? tone : null }, h("dt", {}, w(key)), h("dd", {}, String(count)))),
  );
}

export function drawIncidents(list, state, now, w) {
  const open = openIncidents(state, now);
  list.replaceChildren(...open.map((it) => incidentRow(it, state, now, w)));
  return open.length;
}

function incidentRow(it, state, now, w) {
  const stage = stageOf(it);
  const due = nextDue(it, now);
  const mine = it.owner && it.owner === state.me?.name;
  return h(
    "li",
    { class: `incident u${Math.min(it.urgency, 3)}${mine ? " mine" : ""}` },
    h("span", { class: `badge u${Math.min(it.urgency, 3)}`, title: w(`urgency_${Math.min(it.urgency, 3)}`) }, String(it.urgency)),
    h("div", { class: "what" }, h("strong", {}, w(`kind.${it.kind}`)), it.presses > 1 ? h("span", { class: "presses" }, `×${it.presses}`) : null, h("span", { class: "dim" }, it.subjects.join(" ") || "—")),
    h("div", { class: "due" }, ...dueText(it, due, now, w)),
    h("div", { class: "where dim" }, whereText(it, w)),
    h("div", { class: "doing" }, h("span", { class: `stage ${stage}` }, w(`stage.${stage}`)), h("span", { class: "dim" }, whoText(it, state, w)), h("span", { class: it.owner ? "owner" : "owner nobody" }, it.owner ?? w("owner_none"))),
    bar(it, due, now),
  );
}

function dueText(it, due, now, w) {
  if (!due) return [h("span", { class: "reached" }, doorReached(it) ? "✓" : "—"), h("small", {}, doorReached(it) ? w("reached") : "")];
  const left = due.at - now;
  return [h("span", { class: left < 0 ? "over" : null }, countdown(left)), h("small", {}, w(due.what))];
}

function whereText(it, w) {
  const home = it.premises ?? "";
  const source = it.place ? w(it.place.source) : w("no_place");
  return [it.id, home, source, it.class ? w(it.class) : ""].filter(Boolean).join(" · ");
}

function whoText(it, state, w) {
  const on = it.assignments.filter((a) => ["offered", "accepted", "en_route", "at_door", "inside"].includes(a.state));
  return on.map((a) => nameOf(state, a.responder) + (a.state === "offered" && a.eta_s ? ` ${Math.ceil(a.eta_s / 60)} ${w("minutes")}` : "")).join("、");
}

function bar(it, due, now) {
  const part = due ? Math.max(0, Math.min(1, (due.at - now) / Math.max(1, due.at - due.from))) : doorReached(it) ? 1 : 0;
  const fill = h("i", {});
  fill.style.width = `${(part * 100).toFixed(1)}%`;
  return h("span", { class: due ? "promise" : "promise kept", "aria-hidden": "true" }, fill);
}

export function drawResponders(body, state, now, w) {
  const rows = responders(state).map((it) => {
    const age = it.placeAt === null || it.placeAt === undefined ? w("base") : ageText(now - it.placeAt, w);
    return h(
      "tr",
      { class: `who ${it.state}` },
      h("th", { scope: "row" }, it.name ?? "", h("span", { class: "dim" }, ` ${it.id}`)),
      h("td", { class: "wide dim" }, w(`tier.${it.tier}`)),
      h("td", {}, w(`who.${it.state}`)),
      h("td", { class: "dim" }, it.assignment?.incident ?? ""),
      h("td", { class: "number dim" }, age),
    );
  });
  body.replaceChildren(...rows);
}

export function drawFeed(list, state, w) {
  list.replaceChildren(...state.feed.map((it) => feedRow(it, state, w)));
}

function feedRow(it, state, w) {
  const details = [
    it.incident,
    it.kind ? w(`kind.${it.kind}`) : null,
    it.responder ? nameOf(state, it.responder) : null,
    it.clock ? w(`clock.${it.clock}`) : null,
    it.disposition ? w(`disposition.${it.disposition}`) : null,
    it.rung,
    it.call,
    it.subject,
    it.owner ?? it.by,
  ];
  return h("li", { class: `event ${it.type}` }, h("time", { datetime: it.at }, clockText(Date.parse(it.at))), h("span", {}, h("b", {}, w(`event.${it.type}`)), h("span", { class: "dim" }, ` ${[...new Set(details.filter(Boolean))].join(" · ")}`)), h("small", { class: "faint" }, String(it.seq)));
}

export function nameOf(state, responder) {
  for (const district of Object.values(state.districts)) {
    const name = district.responders[responder]?.name;
    if (name) return name;
  }
  return responder;
}

/** mm:ss, or h:mm:ss; with a minus where it is over. */
export function countdown(ms) {
  const all = Math.abs(Math.trunc(ms / 1000));
  const [hours, minutes, seconds] = [Math.trunc(all / 3600), Math.trunc(all / 60) % 60, all % 60];
  const two = (n) => String(n).padStart(2, "0");
  const text = hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
  return ms < 0 && all > 0 ? `−${text}` : text;
}

export function ageText(ms, w) {
  const s = Math.max(0, Math.trunc(ms / 1000));
  return s < 120 ? `${s} ${w("seconds")}` : `${Math.trunc(s / 60)} ${w("minutes")}`;
}

export function clockText(ms) {
  return new Date(ms).toLocaleTimeString("en-GB", { hour12: false });
}
