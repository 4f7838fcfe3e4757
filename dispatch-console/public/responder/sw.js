// Keeps the responder's app itself on the phone, so that it opens without a line. Answers of the service are never
// kept: they hold names and places. An offer that was pushed is shown over whatever the phone shows.

const SHELL = "shell-1";
const PAGE = "/responder/";

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell());
  self.skipWaiting();
});

/** The page and everything it names: the first visit was not seen by this worker. */
async function keepShell() {
  const cache = await caches.open(SHELL);
  const page = await fetch(PAGE);
  const assets = (await page.clone().text()).match(/\/assets\/[^"']+/g) ?? [];
  await cache.put(PAGE, page);
  await cache.addAll(["/icon.svg", ...new Set(assets)]);
}

self.addEventListener("activate", (event) => {
  const others = caches.keys().then((keys) => keys.filter((key) => key !== SHELL));
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
  return kept ?? fetchAndKeep(request, request);
}

async function freshFirst(request) {
  try {
    return await fetchAndKeep(request, PAGE);
  } catch (error) {
    const kept = await caches.match(PAGE);
    if (kept) return kept;
    throw error;
  }
}

async function fetchAndKeep(request, key) {
  const answer = await fetch(request);
  if (answer.ok) {
    const copy = answer.clone();
    caches.open(SHELL).then((cache) => cache.put(key, copy));
  }
  return answer;
}

self.addEventListener("push", (event) => {
  const told = event.data ? event.data.json() : {};
  const title = told.title ?? "潮安";
  const options = { body: told.body ?? "", tag: told.tag ?? "offer", data: told, icon: "/icon.svg" };
  event.waitUntil(self.registration.showNotification(title, { ...options, vibrate: [400, 150, 400], requireInteraction: true }));
  event.waitUntil(tellPages({ pushed: told }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openPage());
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
