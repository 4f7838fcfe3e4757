// The operator's console, in a real browser against the real service.

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { accessible, desk, launch, open, settled, shot, signIn } from "./browser";
import { House } from "./house";

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
const owner = '[data-testid="owner"]';
const timeline = (type: string) => `[data-testid="timeline"] [data-type="${type}"]`;

test("sign-in: a wrong secret is refused, a right one opens the console, sign-out leads back", async () => {
  const { page } = await open(browser, house, "/");
  await accessible(page, "sign-in");
  await page.locator("input[name=username]").fill("chen");
  await page.locator("input[name=password]").fill("tw_wrong");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await signIn(page, house, "chen");
  await page.locator("#queue").waitFor();
  await page.reload();
  await page.locator("#queue").waitFor();
  await page.getByRole("button", { name: "退出" }).click();
  await page.locator("input[name=username]").waitFor();
});

test("an alarm over TCP appears without a reload, and sounds until it is claimed", async () => {
  const { page, strays, errors } = await desk(browser, house, "chen");
  expect(await page.evaluate("window.sounds")).toBe(0);
  await house.press("8800000011");
  await page.locator(row(1)).waitFor();
  await expect.poll(() => page.evaluate("window.sounds")).toBeGreaterThan(0);
  expect(await page.title()).toMatch(/^\(1\)/);
  await page.keyboard.press("j");
  await page.keyboard.press("a");
  await expect.poll(() => page.title()).not.toMatch(/^\(/);
  await expect.poll(() => page.locator(owner).textContent()).toBe("chen");
  expect(strays).toEqual([]);
  expect(errors).toEqual([]);
});

test("from alarm to close with the keyboard alone", async () => {
  await house.ask("wang", "POST", "/responders/R-1/duty", { on: true });
  const { page } = await desk(browser, house, "chen");
  await house.press("8800000011");
  await page.locator(row(1)).waitFor();
  await page.keyboard.press("j");
  await page.locator('[data-shown="330481-1"]').waitFor();
  await page.keyboard.press("a");
  await page.locator(timeline("incident_claimed")).waitFor();
  await page.keyboard.press("n");
  await page.keyboard.type("儿子已在路上");
  await page.keyboard.press("Enter");
  await page.locator(timeline("note_added")).filter({ hasText: "儿子已在路上" }).waitFor();
  await settled(page);
  await page.keyboard.press("r");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.locator(timeline("incident_corrected")).waitFor();
  await settled(page);
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await settled(page);
  await page.keyboard.press("c");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Enter");
  await page.locator(timeline("incident_closed")).filter({ hasText: "已帮助" }).waitFor();
  await page.locator(row(1)).waitFor({ state: "detached" });
  await settled(page);
  await page.keyboard.press("u");
  await page.locator(timeline("incident_reopened")).waitFor();
  await page.locator(row(1)).waitFor();
});

test("two operators race for one incident: one owns it, the other is told who", async () => {
  const [first, second] = [await desk(browser, house, "chen"), await desk(browser, house, "lin")];
  await house.press("8800000011");
  for (const { page } of [first, second]) {
    await page.locator(row(1)).waitFor();
    await page.keyboard.press("j");
    await page.locator('[data-shown="330481-1"]').waitFor();
  }
  await Promise.all([first.page.keyboard.press("a"), second.page.keyboard.press("a")]);
  await first.page.locator(timeline("incident_claimed")).waitFor();
  await second.page.locator(timeline("incident_claimed")).waitFor();
  await first.page.locator(owner).filter({ hasText: /chen|lin/ }).waitFor();
  const winner = await first.page.locator(owner).textContent();
  await expect.poll(() => second.page.locator(owner).textContent()).toBe(winner);
  const loser = winner === "chen" ? second.page : first.page;
  await loser.getByText(`${winner} 抢先认领了`).waitFor();
});

test("the service is killed and comes back under an open console: said loudly, and nothing is missed", async () => {
  const { page } = await desk(browser, house, "chen");
  await house.press("8800000011");
  await page.locator(row(1)).waitFor();
  await house.kill();
  await page.getByRole("alert").filter({ hasText: "连接中断" }).waitFor();
  await shot(page, "console-line-lost");
  await house.start();
  await house.press("8800000012");
  await page.getByRole("alert").waitFor({ state: "detached" });
  await page.locator(row(2)).waitFor();
  const head = async () => Number(await page.getByTestId("seq").textContent());
  const { timeline: told } = await house.ask<{ timeline: { seq: number }[] }>("chen", "GET", "/incidents/330481-2");
  await expect.poll(head).toBeGreaterThanOrEqual(told.at(-1)?.seq ?? 0);
  await page.locator(row(2)).click();
  await page.locator(timeline("incident_opened")).waitFor();
});

test("nobody's typing is disturbed, and a field keeps its keys", async () => {
  const { page } = await desk(browser, house, "chen");
  await house.press("8800000011");
  await page.locator(row(1)).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("jac");
  await house.press("8800000012");
  await page.locator(row(2)).waitFor();
  expect(await page.getByRole("combobox", { name: "查找" }).inputValue()).toBe("jac");
  expect(await page.locator("[data-shown]").count()).toBe(0);
});
