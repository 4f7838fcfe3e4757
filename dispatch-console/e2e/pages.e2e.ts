// Every page in both languages, in the sizes that are used: what it looks like, whether everybody can use it, and
// whether anything leaves the origin.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible, desk, launch, open, shot, signIn, type Opened } from "./browser";
import { House } from "./house";

let browser: Browser;
let house: House;

beforeAll(async () => {
  browser = await launch();
  house = await House.open();
  for (const responder of ["R-1", "R-2", "R-3"]) await house.ask("wang", "POST", `/responders/${responder}/duty`, { on: true });
  await house.press("8800000011");
  await house.press("8800000011", "00210000");
  await house.press("8800000012", "00200000");
  await house.ask("exchange", "POST", "/signals", { device: "http:mat-3", id: "m1", kind: "inactivity" });
  await house.ask("exchange", "POST", "/signals", { device: "http:stranger", id: "t1", kind: "heartbeat" });
  await house.call("pbx-1", "ringing", "+8657387000003");
  await house.call("pbx-2", "ringing", "+8613900000001");
  await house.call("pbx-2", "abandoned", "+8613900000001");
  await house.ask("chen", "POST", "/incidents/330481-2/claim", {});
});
afterAll(async () => {
  await browser.close();
  await house.close();
});

const VIEWS = ["board/330481-1", "hotline", "devices", "registry/subjects:S-1", "audit"];

async function walk({ page, strays, errors }: Opened, name: string) {
  for (const view of VIEWS) {
    await page.evaluate((to) => (location.hash = `/${to}`), view);
    await page.locator("main").waitFor();
    if (view.startsWith("board")) await page.locator('[data-shown] [data-testid="timeline"] li').first().waitFor();
    if (view.startsWith("board")) await page.locator('[data-map="ready"]').waitFor();
    await shot(page, `${name}-${view.split("/")[0]}`);
    await accessible(page, `${name} ${view}`);
    expect(await overflow(page), `${name} ${view} scrolls sideways`).toBe(0);
  }
  expect(strays).toEqual([]);
  expect(errors).toEqual([]);
}

/** How far a page can be scrolled sideways, in px. */
function overflow(page: Opened["page"]): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

for (const [language, theme, width, height] of [["zh", undefined, 1440, 900], ["en", undefined, 1280, 800], ["zh", "day", 1920, 1080]] as const) {
  test(`the console in ${language}, ${theme ?? "night"}, ${width} px`, async () => {
    const more = { language, viewport: { width, height }, ...(theme ? { theme } : {}) } as const;
    await walk(await desk(browser, house, "wang", more), `console-${language}-${width}`);
  });

  test(`the wall in ${language}, ${theme ?? "night"}, ${width} px`, async () => {
    const { page, strays } = await open(browser, house, "/wall", { language, viewport: { width, height }, ...(theme ? { theme } : {}) });
    await signIn(page, house, "wang");
    await page.locator("dl").waitFor();
    await shot(page, `wall-${language}-${width}`);
    await accessible(page, "wall");
    expect(strays).toEqual([]);
  });
}
