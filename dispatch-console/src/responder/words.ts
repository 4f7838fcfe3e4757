// What the worker says over a locked phone: it has no page and no store of words, so the app leaves it those of the
// language that it speaks itself.

import i18next from "i18next";

const CACHE = "words";
const AT = "/responder/words.json";
const SAID = ["accept", "decline"];

export function keepWords(): void {
  const keep = () => void put(i18next.getResourceBundle(i18next.language, "translation") as Record<string, string>);
  i18next.on("languageChanged", keep);
  keep();
}

async function put(all: Record<string, string>): Promise<void> {
  if (!("caches" in window)) return;
  const said = Object.fromEntries(Object.entries(all).filter(([key]) => key.startsWith("kind.") || key.startsWith("push.") || SAID.includes(key)));
  const cache = await caches.open(CACHE);
  await cache.put(AT, new Response(JSON.stringify(said), { headers: { "Content-Type": "application/json" } }));
}
