// At the door: how to get in is read only by who has accepted, a scanned code is the proof, and the outcome is on record.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, open, PHONE, shot, signIn } from "./browser";
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

test("access, a wrong code and the right one, and the outcome", async () => {
  const { page } = await open(browser, house, "/responder/", { viewport: PHONE });
  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
  await signIn(page, house, "zhou");
  await press("上岗");
  await page.getByRole("heading", { name: "等待派单" }).waitFor();
  await house.press("8800000011");
  await page.getByRole("heading", { name: "求救" }).waitFor();
  expect(await page.getByText("钥匙在门卫处").count()).toBe(0);
  await press("接单");
  await press("查看进门方式");
  await page.getByText("钥匙在门卫处").waitFor();
  await shot(page, "phone-access");
  await press("我出发了");
  for (const code of ["ZJ330481-999999", "ZJ330481-000123"]) {
    await press("扫长者码确认到达");
    await page.getByLabel("输入长者码").fill(code);
    await page.keyboard.press("Enter");
    if (code.endsWith("999")) await page.getByText("长者码不符").waitFor();
  }
  await press("我进门了");
  await press("完成离开");
  await page.getByLabel("在现场看到和做了什么").fill("已扶起，无外伤");
  await press("提交结果");
  await page.getByRole("heading", { name: "等待派单" }).waitFor();
  const told = async () => (await house.ask<{ timeline: { type: string; proof?: string; note?: string }[] }>("chen", "GET", "/incidents/330481-1")).timeline;
  await expect.poll(async () => (await told()).find((it) => it.type === "note_added")?.note).toBe("已扶起，无外伤");
  expect((await told()).filter((it) => it.type === "responder_at_door").map((it) => it.proof)).toEqual(["elder_code"]);
  const { entries } = await house.ask<{ entries: { action: string; actor: string }[] }>("wang", "GET", "/audit");
  expect(entries.filter((it) => it.action === "access_read")).toMatchObject([{ actor: "zhou" }]);
});
