// A supervisor finds somebody by their initials and changes what is known of them; two who change at once.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { desk, launch, shot } from "./browser";
import { House } from "./house";

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

interface Row {
  version: number;
  value: { access: string; name: string };
}
const read = () => house.ask<Row>("wang", "GET", "/registry/subjects/S-1");

test("somebody is found by initials, opened and changed, and the change is on record", async () => {
  const { page } = await desk(browser, house, "wang");
  await page.keyboard.press("/");
  await page.keyboard.type("sap");
  await page.getByRole("option", { name: "沈阿婆" }).waitFor();
  await page.keyboard.press("Enter");
  const access = page.getByLabel("进门方式");
  await access.fill("门锁密码已换，问儿子");
  await page.getByRole("button", { name: "保存" }).click();
  await page.getByText("已保存，立即生效").waitFor();
  expect((await read()).value.access).toBe("门锁密码已换，问儿子");
  await page.getByRole("button", { name: "审计" }).click();
  await page.getByRole("table").getByText("S-1").first().waitFor();
  await shot(page, "console-audit");
});

test("what is wrong is said beside its field, and who was slower is told", async () => {
  const { page } = await desk(browser, house, "wang");
  await page.evaluate(() => (location.hash = "/registry/subjects:S-1"));
  await page.getByLabel("出生日期").waitFor();
  await page.getByLabel("住处编号").fill("P-none");
  await page.getByRole("button", { name: "保存" }).click();
  await page.locator('[aria-invalid="true"]').waitFor();
  await page.getByLabel("住处编号").fill("P-1");
  const { version, value } = await read();
  await house.ask("wang", "PUT", "/registry/subjects/S-1", { version, value: { ...value, name: "沈婆婆" } });
  await page.getByRole("button", { name: "保存" }).click();
  await page.getByText("他人已修改").waitFor();
});
