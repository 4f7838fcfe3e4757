// What an operator can do about an incident beyond the straight way: somebody named, by radio, by rung, merged, opened by
// hand at a place; in either language, and behind a lock.

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { accessible, desk, launch, open, PHONE, settled, shot, signIn } from "./browser";
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

const row = (n: number) => `[data-incident="330481-${n}"]`;
const timeline = (type: string) => `[data-testid="timeline"] [data-type="${type}"]`;
const picked = (text: string | null) => (text?.match(/\d+\.\d+/g) ?? []).map(Number);

async function onDuty(who: Who): Promise<Page> {
  const { page } = await open(browser, house, "/responder/", { viewport: PHONE });
  await signIn(page, house, who);
  await page.getByRole("button", { name: "上岗", exact: true }).click();
  await page.getByRole("heading", { name: "等待派单" }).waitFor();
  return page;
}

async function choose(page: Page, n: number) {
  await page.locator(row(n)).click();
  await page.locator(`[data-shown="330481-${n}"]`).waitFor();
}

test("one who is named is asked beside the nearest, the offer is taken back, and the radio tells what the phone does not", async () => {
  const [near, far] = [await onDuty("zhou"), await onDuty("mei")];
  const { page } = await desk(browser, house, "chen");
  await house.press("8800000011");
  await choose(page, 1);
  await near.getByRole("heading", { name: "求救" }).waitFor();
  const second = page.getByRole("button", { name: "派单 王志愿者" });
  await second.waitFor();
  // Who is not eligible stands below, with why.
  await page.getByText("离岗 · ").first().waitFor();
  await page.keyboard.press("1");
  await far.getByRole("heading", { name: "求救" }).waitFor();
  await page.keyboard.press("w");
  await page.getByRole("dialog", { name: "撤回 王志愿者 的派单？" }).waitFor();
  await page.keyboard.press("Enter");
  await page.locator(timeline("offer_withdrawn")).filter({ hasText: "王志愿者" }).waitFor();
  await far.getByRole("heading", { name: "等待派单" }).waitFor();
  await settled(page);
  await near.getByRole("button", { name: "接单", exact: true }).click();
  await page.locator(timeline("offer_accepted")).filter({ hasText: "周护理员" }).waitFor();
  await page.keyboard.press("d");
  await page.getByRole("dialog").getByText("周护理员").waitFor({ state: "attached" });
  await page.keyboard.press("Enter");
  await page.locator(timeline("responder_en_route")).filter({ hasText: "周护理员 出发" }).waitFor();
  await near.getByRole("button", { name: "我到门口了" }).waitFor();
});

test("a rung is taken by name, and its task is done when somebody says so, with a word", async () => {
  const { page } = await desk(browser, house, "chen");
  await house.press("8800000011");
  await choose(page, 1);
  await page.keyboard.press("e");
  await page.getByLabel("级别").selectOption("120");
  await page.keyboard.press("Enter");
  await page.locator(timeline("task_due")).filter({ hasText: "120" }).waitFor();
  await settled(page);
  const due = page.getByRole("button", { name: "已办", exact: true });
  const tasks = await due.count();
  await page.keyboard.press("t");
  await page.getByRole("dialog").getByLabel("备注").fill("已拨 120，车已出");
  await page.keyboard.press("Enter");
  await page.locator(timeline("task_confirmed")).filter({ hasText: "chen 已办妥任务：已拨 120，车已出" }).waitFor();
  await expect.poll(() => due.count()).toBe(tasks - 1);
});

test("a correction is undone with a key", async () => {
  const { page } = await desk(browser, house, "chen");
  await house.press("8800000011");
  await choose(page, 1);
  await page.keyboard.press("r");
  await page.getByRole("dialog").getByLabel("类型").selectOption("gas");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /^燃气/ }).waitFor();
  await settled(page);
  await page.keyboard.press("u");
  await page.getByRole("heading", { name: /^求救/ }).waitFor();
});

test("two incidents become one", async () => {
  const { page } = await desk(browser, house, "chen");
  await house.press("8800000011");
  await house.press("8800000012");
  await choose(page, 2);
  await page.keyboard.press("g");
  // It is known by its person and not by a number alone.
  await page.getByRole("dialog").getByRole("option", { name: /沈阿婆/ }).waitFor({ state: "attached" });
  await page.keyboard.press("Enter");
  await page.locator(row(2)).waitFor({ state: "detached" });
  const { state, timeline: told } = await house.ask<{ state: string; timeline: { type: string; into?: string }[] }>("chen", "GET", "/incidents/330481-2");
  expect([state, told.find((it) => it.type === "incident_merged")?.into]).toEqual(["closed", "330481-1"]);
});

test("an incident is opened by hand at a place that was chosen on the map, and where the map was pointed at", async () => {
  const { page } = await desk(browser, house, "chen");
  const dialog = page.getByRole("dialog");
  const opened = async (n: number) => (await house.ask<{ place: { lat: number; lon: number }; kind: string; subject: string | null }>("chen", "GET", `/incidents/330481-${n}`));
  await page.keyboard.press("i");
  await dialog.getByRole("button", { name: "在地图上点选" }).click();
  await page.locator('[data-picker="ready"]').waitFor();
  await page.locator("[data-picker] canvas").click({ position: { x: 120, y: 90 } });
  const [lat, lon] = picked(await dialog.getByText("已选").textContent());
  await dialog.getByLabel("类型").selectOption("wandering");
  await dialog.getByRole("button", { name: "新建事件" }).click();
  await page.locator('[data-shown="330481-1"]').waitFor();
  const first = await opened(1);
  expect([first.kind, first.subject]).toEqual(["wandering", null]);
  expect(first.place.lat).toBeCloseTo(lat ?? 0, 4);
  expect(first.place.lon).toBeCloseTo(lon ?? 0, 4);

  await settled(page);
  await page.locator('[data-map="ready"]').waitFor();
  await page.locator("[data-map] canvas").click({ button: "right", position: { x: 60, y: 200 } });
  const [south, east] = picked(await dialog.getByText("已选").textContent());
  await dialog.getByRole("button", { name: "新建事件" }).click();
  await page.locator('[data-shown="330481-2"]').waitFor();
  const second = await opened(2);
  expect(second.place.lat).toBeCloseTo(south ?? 0, 4);
  expect(second.place.lon).toBeCloseTo(east ?? 0, 4);
});

test("the language is changed under an open incident, and nothing is loaded anew", async () => {
  const { page } = await desk(browser, house, "chen");
  await house.press("8800000011");
  await choose(page, 1);
  await page.evaluate("window.mark = 1");
  await page.locator(timeline("incident_opened")).filter({ hasText: "事件开启：求救" }).waitFor();
  await page.getByRole("button", { name: "English" }).click();
  await page.locator(timeline("incident_opened")).filter({ hasText: "Opened" }).waitFor();
  await page.getByRole("heading", { name: /^SOS/ }).waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("en");
  await page.getByRole("button", { name: "中文" }).click();
  await page.getByRole("heading", { name: /^求救/ }).waitFor();
  expect(await page.evaluate("window.mark")).toBe(1);
});

test("a console that nobody touches locks itself, and goes on hearing and sounding", async () => {
  const { page } = await desk(browser, house, "chen", { clock: true });
  await page.keyboard.press("Shift");
  await page.clock.fastForward("15:01");
  await page.getByRole("heading", { name: /已锁定/ }).waitFor();
  expect(await page.locator("#queue").count()).toBe(0);
  await accessible(page, "locked");
  await shot(page, "console-locked");
  const before = Number(await page.evaluate("window.sounds"));
  await house.press("8800000011");
  await expect.poll(() => page.title()).toMatch(/^\(1\)/);
  await expect.poll(() => page.evaluate("window.sounds")).toBeGreaterThan(before);
  // No key acts behind the lock.
  await page.locator("main").click({ position: { x: 5, y: 5 } });
  await page.keyboard.press("j");
  await page.keyboard.press("a");
  await page.locator("input[name=password]").fill(house.secret("chen"));
  await page.keyboard.press("Enter");
  await page.locator(row(1)).waitFor();
  expect((await house.ask<{ owner: string | null }>("chen", "GET", "/incidents/330481-1")).owner).toBeNull();
});
