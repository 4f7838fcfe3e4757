// The responder's app on a phone, and the console that follows it, against the real service.

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { accessible, desk, launch, open, PHONE, shot, signIn, type How, type Opened } from "./browser";
import { House, type Who } from "./house";

let browser: Browser;
let house: House;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  house = await House.open();
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((it) => it.close()));
  await house.close();
});

const big = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const timeline = (type: string) => `[data-testid="timeline"] [data-type="${type}"]`;

async function phone(who: Who, more: How = {}): Promise<Opened> {
  const opened = await open(browser, house, "/responder/", { viewport: PHONE, ...more });
  await signIn(opened.page, house, who);
  await opened.page.locator("main h1").waitFor();
  return opened;
}

async function onDuty(page: Page) {
  await big(page, "上岗").click();
  await page.getByRole("heading", { name: "等待派单" }).waitFor();
}

test("an offer is taken, followed on the console, and cleared", async () => {
  const { page, strays, errors } = await phone("zhou");
  await onDuty(page);
  await page.getByText("值班中 · 位置共享").waitFor();
  const console_ = await desk(browser, house, "chen");
  await house.press("8800000011");
  await page.getByRole("heading", { name: "求救" }).waitFor();
  expect(await page.evaluate("window.sounds")).toBeGreaterThan(0);
  await page.getByText(/^\d+ 岁 · 独居 · 失智$/).waitFor();
  await shot(page, "phone-offer");
  await accessible(page, "offer");
  await big(page, "接单").click();
  await page.getByRole("heading", { name: "沈阿婆" }).waitFor();
  await console_.page.locator('[data-incident="330481-1"]').waitFor();
  await console_.page.keyboard.press("j");
  await console_.page.locator(timeline("offer_accepted")).waitFor();
  await shot(page, "phone-assignment");
  await accessible(page, "assignment");
  for (const [said, event] of [["我出发了", "responder_en_route"], ["我到门口了", "responder_at_door"], ["我进门了", "responder_inside"], ["完成离开", "responder_clear"]] as const) {
    await big(page, said).click();
    await console_.page.locator(timeline(event)).waitFor();
  }
  await shot(console_.page, "console-followed");
  await page.getByRole("heading", { name: "结果" }).waitFor();
  await accessible(page, "outcome");
  await big(page, "不填").click();
  await page.getByRole("heading", { name: "等待派单" }).waitFor();
  expect([...strays, ...errors]).toEqual([]);
});

test("who declines is not asked again at once, and the next one is", async () => {
  const [first, second] = [await phone("zhou"), await phone("mei")];
  await onDuty(first.page);
  await onDuty(second.page);
  await house.press("8800000011");
  await first.page.getByRole("heading", { name: "求救" }).waitFor();
  await big(first.page, "不能去").click();
  await second.page.getByRole("heading", { name: "求救" }).waitFor();
  await first.page.getByRole("heading", { name: "等待派单" }).waitFor();
});

test("what is said without a line is kept in order over a restart of the phone, and taken once", async () => {
  const { page } = await phone("zhou");
  await onDuty(page);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await house.press("8800000011");
  await big(page, "接单").click();
  await page.getByRole("heading", { name: "沈阿婆" }).waitFor();
  await house.kill();
  await page.getByText("离线").waitFor();
  await big(page, "我出发了").click();
  await big(page, "我到门口了").click();
  await page.getByText("2 项待发送").waitFor();
  await shot(page, "phone-offline");
  await page.reload();
  await page.getByRole("heading", { name: "沈阿婆" }).waitFor();
  await page.getByText("2 项待发送").waitFor();
  await big(page, "我进门了").waitFor();
  await house.start();
  await page.getByText("待发送").waitFor({ state: "detached" });
  const { timeline: told } = await house.ask<{ timeline: { type: string; occurred_at: string }[] }>("chen", "GET", "/incidents/330481-1");
  const said = told.filter((it) => it.type.startsWith("responder_"));
  expect(said.map((it) => it.type)).toEqual(["responder_en_route", "responder_at_door"]);
  expect(said[0]?.occurred_at).toBeDefined();
});

test("duty, sign-in and offer fit 320 px in both languages, and everybody can use them", async () => {
  for (const language of ["zh", "en"] as const) {
    const { page } = await open(browser, house, "/responder/", { viewport: { width: 320, height: 568 }, language });
    await accessible(page, `sign-in ${language}`);
    await signIn(page, house, language === "zh" ? "zhou" : "mei");
    await big(page, language === "zh" ? "上岗" : "Go on duty").click();
    await page.getByRole("heading", { name: language === "zh" ? "等待派单" : "Waiting for an offer" }).waitFor();
    await accessible(page, `duty ${language}`);
    await shot(page, `phone-duty-${language}-320`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    await house.press(language === "zh" ? "8800000011" : "8800000012");
    await big(page, language === "zh" ? "接单" : "Accept").waitFor();
    await shot(page, `phone-offer-${language}-320`);
    await accessible(page, `offer ${language}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    await big(page, language === "zh" ? "接单" : "Accept").click();
    await page.getByRole("button", { name: language === "zh" ? "我出发了" : "I am on my way" }).waitFor();
    await shot(page, `phone-assignment-${language}-320`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  }
});

test("the app can be installed: it has a manifest, an icon and a worker", async () => {
  const { page } = await phone("zhou");
  const manifest = await page.evaluate(() => fetch("/responder/manifest.webmanifest").then((it) => it.json() as Promise<{ start_url: string; scope: string; display: string; icons: { src: string }[] }>));
  expect(manifest).toMatchObject({ start_url: "/responder/", scope: "/responder/", display: "standalone" });
  expect(await page.evaluate((src) => fetch(src).then((it) => it.status), manifest.icons[0]?.src ?? "")).toBe(200);
  expect(await page.evaluate(() => navigator.serviceWorker.ready.then((it) => new URL(it.scope).pathname))).toBe("/responder/");
});
