// Keeps the responder's app itself on the phone, so that it opens without a line. Answers of the service are never
// kept: they hold names and places. An offer that was pushed is shown over whatever the phone shows.

const SHELL = "shell-1";
const PAGE = "/responder/";
/** What the app leaves here to be said in its language; see src/responder/words.ts. */
const WORDS = "words";
const WORDS_AT = "/responder/words.json";

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell());
  self.skipWaiting();
});

/** The page and everything it names: the first visit was not seen by this worker. */
async function keepShell() {
  const cache = await caches.open(SHELL);
  const page = await fetch(PAGE);
  const assets = assetsOf(await page.clone().text());
  await cache.put(PAGE, page);
  await cache.addAll(["/icon.svg", ...assets]);
}

function assetsOf(page) {
  return [...new Set(page.match(/\/assets\/[^"']+/g) ?? [])];
}

/** Of older versions nothing is kept: a phone is used for years. */
async function keepPage(page) {
  const cache = await caches.open(SHELL);
  const wanted = assetsOf(await page.clone().text());
  await cache.put(PAGE, page);
  const kept = (await cache.keys()).filter((it) => new URL(it.url).pathname.startsWith("/assets/"));
  const old = kept.filter((it) => !wanted.includes(new URL(it.url).pathname));
  await Promise.all(old.map((it) => cache.delete(it)));
}

self.addEventListener("activate", (event) => {
  const others = caches.keys().then((keys) => keys.filter((key) => ![SHELL, WORDS].includes(key)));
  event.waitUntil(others.then((keys) => Promise.all(keys.map((key) => caches.delete(key)))));
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || url.pathname.startsWith("/api/")) return;
  // Names of assets carry a digest: what is kept is what would be fetched. The page itself may have moved on.
  if (url.pathname.startsWith("/assets/")) event.respondWith(keptFirst(request));
  else if (request.mode === "navigate") event.respondWith(freshFirst(request));
});

async function keptFirst(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) {
    const copy = answer.clone();
    caches.open(SHELL).then((cache) => cache.put(request, copy));
  }
  return answer;
}

async function freshFirst(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) keepPage(answer.clone());
    return answer;
  } catch (error) {
    const kept = await caches.match(PAGE);
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("push", (event) => {
  const told = event.data ? event.data.json() : {};
  event.waitUntil(hear(told));
});

/** What the service pushes: an offer, an offer that is over, or the test of this channel. */
async function hear(told) {
  const word = await words();
  if (told.offer) await showOffer(told.offer, word);
  else if (told.withdrawn) await show(word("push.withdrawn"), { tag: told.withdrawn.offer, silent: true });
  else if (told.test) {
    await show(word("push.test"), { tag: "test" });
    await say("/channels/confirm", { token: told.test.token });
  }
  await tellPages({ pushed: told });
}

async function showOffer(it, word) {
  const title = word("push.offer", { kind: word(`kind.${it.kind}`), urgency: it.urgency });
  const body = word("push.offer_hint", { n: Math.max(1, Math.round(it.eta_s / 60)) });
  const actions = [{ action: "accept", title: word("accept") }, { action: "decline", title: word("decline") }];
  await show(title, { body, tag: it.offer, renotify: true, data: it, actions, vibrate: [400, 150, 400], requireInteraction: true });
  // Now it is on a screen: without that word the next one would be asked.
  await say(`/offers/${it.offer}/shown`, {});
}

function show(title, options) {
  return self.registration.showNotification(title, { icon: "/icon.svg", ...options });
}

/** The words of the language that the app last spoke, which the app keeps for this worker. */
async function words() {
  const kept = await caches.match(WORDS_AT);
  const known = kept ? await kept.json() : {};
  return (key, blanks = {}) => (known[key] ?? "").replace(/\{\{(\w+)\}\}/g, (_, blank) => String(blanks[blank] ?? ""));
}

/** Said for whoever is signed in on this phone. */
async function say(path, body) {
  const me = await fetch("/api/v1/sessions/me");
  if (!me.ok) return false;
  const { csrf } = await me.json();
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf, "Idempotency-Key": crypto.randomUUID() };
  const answer = await fetch(`/api/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  return answer.ok;
}

self.addEventListener("notificationclick", (event) => {
  const { action, notification } = event;
  notification.close();
  // An answer from the lock screen; the page opens all the same, with the way there or with why it came too late.
  if (action && notification.data) event.waitUntil(say(`/offers/${notification.data.offer}/${action}`, {}));
  if (action !== "decline") event.waitUntil(openPage());
});

async function tellPages(message) {
  const pages = await self.clients.matchAll({ includeUncontrolled: true });
  pages.forEach((page) => page.postMessage(message));
}

async function openPage() {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const mine = pages.find((page) => new URL(page.url).pathname.startsWith(PAGE));
  return mine ? mine.focus() : self.clients.openWindow(PAGE);
}
