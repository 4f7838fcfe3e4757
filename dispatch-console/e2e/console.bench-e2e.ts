// From an alarm at the socket to its row on the screen, over 200 alarms; and the page under 500 open incidents.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Browser } from "playwright-core";
import { desk, launch } from "./browser";
import { House } from "./house";

const ALARMS = 200;
const OPEN = 500;
/** The target on two cores beside the browser, in ms. */
const P99_MS = 300;

let browser: Browser;
let house: House;

beforeAll(async () => {
  browser = await launch();
  house = await House.open(homes(ALARMS + OPEN));
});
afterAll(async () => {
  await browser.close();
  await house.close();
});

test("alarm at the socket to row painted", async () => {
  const { page } = await desk(browser, house, "chen");
  await page.evaluate(() => {
    const painted: Record<string, number> = {};
    Object.assign(window, { painted });
    const seen = () => {
      for (const row of document.querySelectorAll<HTMLElement>("[data-incident]")) {
        const id = row.dataset.incident ?? "";
        // The frame in which it is drawn has ended when the next task runs.
        if (!(id in painted)) requestAnimationFrame(() => setTimeout(() => (painted[id] ??= performance.timeOrigin + performance.now())));
      }
    };
    new MutationObserver(seen).observe(document.body, { childList: true, subtree: true });
  });
  const took: number[] = [];
  for (let i = 1; i <= ALARMS; i++) {
    const sent = performance.timeOrigin + performance.now();
    await house.press(identity(i));
    const id = `330481-${i}`;
    const at = await page.waitForFunction((of) => (window as unknown as { painted: Record<string, number> }).painted[of], id, { polling: 20 });
    took.push(((await at.jsonValue()) as number) - sent);
    await house.ask("chen", "POST", `/incidents/${id}/close`, { disposition: "test" });
  }
  took.sort((a, b) => a - b);
  const of = (part: number) => Math.round(took[Math.ceil(part * took.length) - 1] ?? 0);
  console.log(`alarm at the socket -> row painted, ${took.length} alarms: p50 ${of(0.5)} ms, p99 ${of(0.99)} ms, max ${of(1)} ms (target p99 under ${P99_MS} ms)`);
  expect(took).toHaveLength(ALARMS);
});

test("500 open incidents: no long task in ten seconds of feed, map drawn by software", async () => {
  for (let i = ALARMS + 1; i <= ALARMS + OPEN; i++) await house.press(identity(i));
  const { page } = await desk(browser, house, "chen");
  await page.locator('[data-map="ready"]').waitFor({ timeout: 60_000 });
  const longest = page.evaluate(
    () =>
      new Promise<number>((done) => {
        let most = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((it) => (most = Math.max(most, it.duration)))).observe({ entryTypes: ["longtask"] });
        setTimeout(() => done(most), 10_000);
      }),
  );
  // Ten a second: every one moves a row of the queue.
  const feed = (async () => {
    for (let i = 0; i < 100; i++) await Promise.all([house.press(identity(ALARMS + 1 + (i % OPEN))), new Promise((go) => setTimeout(go, 100))]);
  })();
  const ms = Math.round(await longest);
  await feed;
  console.log(`longest task of the main thread in 10 s of feed, ${OPEN} open incidents, software rendering: ${ms} ms (target 100 ms)`);
  expect(await page.locator("[data-incident]").count()).toBeLessThan(60);
});

const identity = (i: number) => String(8_900_000_000 + i);

/** Homes around the town, one watch each. */
function homes(n: number): string {
  const one = (i: number) => `[[premises]]
id = "PB-${i}"
district = "330481"
class = "urban"
address = "虚构路${i}号"
lat = ${(30.48 + (i % 40) * 0.003).toFixed(4)}
lon = ${(120.6 + Math.floor(i / 40) * 0.008).toFixed(4)}
[[subject]]
id = "SB-${i}"
premises = "PB-${i}"
name = "虚构${i}"
phones = []
[[device]]
id = "DB-${i}"
subject = "SB-${i}"
protocol = "watch"
identity = "${identity(i)}"
`;
  return Array.from({ length: n }, (_, i) => one(i + 1)).join("\n");
}
