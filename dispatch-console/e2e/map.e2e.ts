// The base map: tiles by a template and one PMTiles archive, both on the service's own origin as a proxy before it would
// have them, drawn under the marks; and one that cannot be read.

import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { desk, launch, settled, shot } from "./browser";
import { House } from "./house";
import { archive, picture } from "./archive";

let browser: Browser;
let house: House;

beforeAll(async () => {
  browser = await launch();
  house = await House.open();
});
afterAll(async () => {
  await browser.close();
  await house.close();
});

const RED = picture([255, 30, 30]);

async function typeBase(page: Page, address: string): Promise<Locator> {
  await page.locator('[data-map="ready"]').waitFor();
  await page.getByRole("button", { name: "底图" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("底图地址").fill(address);
  return dialog;
}

async function base(page: Page, address: string, gcj02 = false) {
  const dialog = await typeBase(page, address);
  await dialog.getByLabel("底图为 GCJ-02").setChecked(gcj02);
  await dialog.getByRole("button", { name: "保存" }).click();
}

/** How much redder than green the map is where nothing else is drawn, 0 to 255. */
async function redness(page: Page): Promise<number> {
  const { x = 0, y = 0 } = (await page.locator("[data-map]").boundingBox()) ?? {};
  const png = (await page.screenshot({ clip: { x: x + 5, y: y + 5, width: 20, height: 20 } })).toString("base64");
  return page.evaluate(async (it) => {
    const image = new Image();
    image.src = `data:image/png;base64,${it}`;
    await image.decode();
    const pen = new OffscreenCanvas(1, 1).getContext("2d");
    pen?.drawImage(image, 0, 0, 1, 1);
    const [red = 0, green = 0] = pen?.getImageData(0, 0, 1, 1).data ?? [];
    return red - green;
  }, png);
}

/** A file on the origin, by ranges as any server of files gives it. */
async function serve(context: BrowserContext, path: string, file: Buffer): Promise<string[]> {
  const asked: string[] = [];
  await context.route(house.origin + path, async (route) => {
    const range = (await route.request().headerValue("range")) ?? "";
    asked.push(range);
    const [, from = "0", to = ""] = range.match(/bytes=(\d+)-(\d+)/) ?? [];
    const body = file.subarray(Number(from), Number(to) + 1);
    await route.fulfill({ status: 206, body, headers: { "Content-Range": `bytes ${from}-${Number(from) + body.length - 1}/${file.length}`, ETag: '"one"' } });
  });
  return asked;
}

test("tiles by a template are drawn under the marks, and kept for the next time", async () => {
  const { page, context, strays, errors } = await desk(browser, house, "chen");
  const asked: string[] = [];
  await context.route(`${house.origin}/tiles/**`, (route) => {
    asked.push(new URL(route.request().url()).pathname);
    return route.fulfill({ contentType: "image/png", body: RED });
  });
  await page.locator('[data-map="ready"][data-base="none"]').waitFor();
  expect(await redness(page)).toBeLessThan(0);
  await base(page, "/tiles/{z}/{x}/{y}.png");
  await page.locator('[data-base="drawn"]').waitFor();
  await expect.poll(() => redness(page)).toBeGreaterThan(20);
  expect(asked[0]).toMatch(/^\/tiles\/\d+\/\d+\/\d+\.png$/);
  await page.reload();
  await page.locator('[data-base="drawn"]').waitFor();
  await shot(page, "console-base-map");
  expect([...strays, ...errors]).toEqual([]);
});

test("an archive is read by ranges, and an incident stands where a shifted base map has its place", async () => {
  const { page, context, strays, errors } = await desk(browser, house, "chen");
  const asked = await serve(context, "/maps/haining.pmtiles", archive(RED));
  await base(page, "/maps/haining.pmtiles", true);
  await page.locator('[data-base="drawn"]').waitFor();
  await expect.poll(() => redness(page)).toBeGreaterThan(20);
  expect(asked[0]).toBe("bytes=0-16383");
  await house.press("8800000011");
  await page.locator("[data-incident]").click();
  await page.locator("[data-shown]").waitFor();
  await page.evaluate(() => (location.hash = "/board"));
  await page.locator("[data-shown]").waitFor({ state: "detached" });
  // The map was moved to where the place is drawn, and there it is found: were one shifted without the other, it would
  // stand 490 m away.
  await expect
    .poll(async () => {
      await page.locator("[data-map]").click();
      return page.locator("[data-shown]").count();
    })
    .toBe(1);
  expect([...strays, ...errors]).toEqual([]);
});

test("an address that is none is not taken, and a base map that is not there is said", async () => {
  const { page } = await desk(browser, house, "chen");
  await base(page, "/maps/nowhere.pmtiles");
  await page.getByText("底图读不到").waitFor();
  await settled(page);
  const dialog = await typeBase(page, "/tiles/haining");
  await dialog.getByText("应含 {z}、{x}、{y}").waitFor();
  expect(await dialog.getByRole("button", { name: "保存" }).isDisabled()).toBe(true);
});
