// The page: signs in, follows the live feed, and draws what the state says, at most once a frame and each second.

import { follow } from "./live.js";
import { drawMap } from "./map.js";
import { EMPTY, hasGap, hello, missing, reduce } from "./state.js";
import { ageText, clockText, drawCounts, drawFeed, drawIncidents, drawResponders, h } from "./views.js";
import { wordsOf } from "./words.js";

const LANGUAGE_KEY = "tidewatch-language";

const $ = (id) => document.getElementById(id);

let state = EMPTY;
let language = remembered();
let w = wordsOf(language);
let feed = null;
let drawn = null;
let due = false;

function remembered() {
  try {
    return localStorage.getItem(LANGUAGE_KEY) === "en" ? "en" : "zh";
  } catch {
    // Storage may be forbidden; then Chinese, each time.
    return "zh";
  }
}

function tell(update) {
  const before = state;
  state = reduce(before, update);
  if (hasGap(state) && !hasGap(before)) feed?.again();
  for (const id of missing(state)) if (!missing(before).includes(id)) ask(id);
  schedule();
}

async function ask(id) {
  const response = await fetch(`/api/v1/incidents/${encodeURIComponent(id)}`).catch(() => null);
  if (response?.ok) tell({ type: "incident_read", incident: await response.json() });
}

function schedule() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    draw();
  });
}

function draw() {
  const now = Date.now() + state.skewMs;
  const signedIn = state.me !== null;
  $("board").hidden = !signedIn;
  $("sign-out").hidden = !signedIn;
  drawLine(now);
  if (!signedIn) return;
  drawCounts($("counts"), state, now, w);
  $("incidents-none").hidden = drawIncidents($("incidents"), state, now, w) > 0;
  if (drawn?.districts !== state.districts || drawn?.second !== Math.trunc(now / 1000)) {
    drawResponders($("responders"), state, now, w);
    drawMap($("map"), state, now, w);
  }
  if (drawn?.feed !== state.feed) drawFeed($("feed"), state, w);
  drawn = { districts: state.districts, feed: state.feed, second: Math.trunc(now / 1000) };
}

function drawLine(now) {
  const { up, lostAt } = state.line;
  const seqs = Object.values(state.districts).map((it) => it.seq);
  $("clock").textContent = clockText(now);
  $("me").textContent = state.me?.name ?? "";
  $("line").textContent = state.me === null ? "" : up ? `${w("live")} · ${w("seq")} ${seqs.join(" ")}` : w("connecting");
  $("line").classList.toggle("up", up);
  const age = lostAt === null ? 0 : Date.now() - lostAt;
  // Not in the first second: a change of networks is nobody's alarm.
  const loud = state.me !== null && lostAt !== null && age > 1_000;
  const text = loud ? `${w("lost")} ${ageText(age, w)} · ${w("lost_since")}` : hasGap(state) ? w("gap") : "";
  if ($("notice").textContent !== text) $("notice").textContent = text;
  $("notice").hidden = text === "";
  document.body.classList.toggle("stale", loud);
}

function sayWords() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = w(element.dataset.word);
  $("language").textContent = w("other_language");
  $("language").lang = language === "zh" ? "en" : "zh-CN";
  const legend = [["u1", "urgency_1"], ["u2", "urgency_2"], ["u3", "urgency_3"], ["way", "legend_way"], ["busy", "legend_busy"], ["free", "legend_free"]];
  $("legend").replaceChildren(...legend.map(([mark, key]) => h("li", {}, h("i", { class: `key ${mark}`, "aria-hidden": "true" }), w(key))));
  drawn = null;
  schedule();
}

async function me() {
  const response = await fetch("/api/v1/sessions/me");
  return response.ok ? response.json() : null;
}

async function begin() {
  const who = await me().catch(() => null);
  $("sign-in").hidden = who !== null;
  if (who === null) {
    $("name").focus();
    return;
  }
  if (!["operator", "supervisor", "ops"].includes(who.role)) {
    $("sign-in").hidden = false;
    $("sign-in-problem").textContent = w("no_board");
    return;
  }
  tell({ type: "signed_in", me: who });
  const url = `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/api/v1/live`;
  feed = follow({ url, ask: () => hello(state), tell, lost: stillSignedIn });
}

/** After a lost line: a session that has ended is signed in again; a service that is away is waited for. */
async function stillSignedIn() {
  const response = await fetch("/api/v1/sessions/me").catch(() => null);
  if (response?.status !== 401) return true;
  leave();
  return false;
}

function leave() {
  feed?.stop();
  feed = null;
  tell({ type: "signed_out" });
  $("sign-in").hidden = false;
  $("name").focus();
}

async function signIn(event) {
  event.preventDefault();
  const body = JSON.stringify({ name: $("name").value.trim(), secret: $("secret").value.trim() });
  $("sign-in-problem").textContent = "";
  const response = await fetch("/api/v1/sessions", { method: "POST", headers: { "content-type": "application/json" }, body }).catch(() => null);
  if (response?.ok) {
    $("secret").value = "";
    await begin();
  } else {
    const problem = !response ? "no_service" : response.status === 401 ? "wrong_secret" : "slow_down";
    $("sign-in-problem").textContent = w(problem);
  }
}

async function signOut() {
  const csrf = state.me?.csrf;
  await fetch("/api/v1/sessions", { method: "DELETE", headers: csrf ? { "x-csrf-token": csrf } : {} }).catch(() => null);
  leave();
}

$("sign-in-form").addEventListener("submit", signIn);
$("sign-out").addEventListener("click", signOut);
$("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  w = wordsOf(language);
  try {
    localStorage.setItem(LANGUAGE_KEY, language);
  } catch {
    // It is only kept for the next visit.
  }
  sayWords();
});
addEventListener("resize", () => {
  drawn = null;
  schedule();
});
setInterval(schedule, 1_000);
sayWords();
begin();
