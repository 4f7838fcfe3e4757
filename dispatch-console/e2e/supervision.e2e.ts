// The telephone, devices that nobody knows, and a world file: what a supervisor and an operator do beside the queue.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { desk, launch, settled, shot } from "./browser";
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

test("a call rings in every view, its caller is known, and one key makes it an emergency", async () => {
  const { page } = await desk(browser, house, "chen");
  await house.call("pbx-1", "ringing", "+8657387000001");
  await page.getByRole("button", { name: "热线 1 振铃 1" }).waitFor();
  await page.keyboard.press("h");
  await page.getByRole("article").getByText("沈阿婆").waitFor();
  await shot(page, "console-ringing");
  await page.keyboard.press("y");
  await page.locator("[data-shown]").waitFor();
  await page.getByRole("heading", { name: /^急病 · 沈阿婆/ }).waitFor();
  const id = await page.locator("[data-shown]").getAttribute("data-shown");
  expect(await house.ask("chen", "GET", `/incidents/${id}`)).toMatchObject({ kind: "medical", subject: "S-1", call: "pbx-1" });
});

test("a call that was given up stays until somebody has called back", async () => {
  const { page } = await desk(browser, house, "chen");
  await house.call("pbx-2", "ringing", "+8613900000099");
  await house.call("pbx-2", "abandoned", "+8613900000099");
  await page.keyboard.press("h");
  const card = page.getByRole("article").filter({ hasText: "+8613900000099" });
  await card.getByText("待回拨").waitFor();
  expect(await card.getByRole("link", { name: "拨打" }).getAttribute("href")).toBe("tel:+8613900000099");
  await card.getByRole("button", { name: "已回拨" }).click();
  await page.getByLabel("备注").fill("打错了");
  await page.getByRole("dialog").getByRole("button", { name: "已回拨" }).click();
  await card.waitFor({ state: "detached" });
  const { calls } = await house.ask<{ calls: { from: string }[] }>("chen", "GET", "/calls?state=open");
  expect(calls.filter((it) => it.from === "+8613900000099")).toEqual([]);
});

test("a device that nobody knows is given to somebody, and alarms for them from then on", async () => {
  await house.ask("exchange", "POST", "/signals", { device: "http:stranger", id: "t1", kind: "heartbeat" });
  const { page } = await desk(browser, house, "wang");
  await page.getByRole("button", { name: "设备", exact: true }).click();
  await page.getByRole("row").filter({ hasText: "http:stranger" }).getByRole("button", { name: "登记" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("设备编号").fill("D-9");
  await dialog.getByLabel("查找求助人").fill("zbb");
  await dialog.getByRole("button", { name: /周伯伯/ }).click();
  await dialog.getByRole("button", { name: "登记" }).click();
  await page.getByRole("row").filter({ hasText: "http:stranger" }).waitFor({ state: "detached" });
  const { incident } = await house.ask<{ incident: string }>("exchange", "POST", "/signals", { device: "http:stranger", id: "t2", kind: "fall" });
  expect((await house.ask<{ subject: string }>("chen", "GET", `/incidents/${incident}`)).subject).toBe("S-2");
});

const world = (lat: string) => ({
  name: "world.toml",
  mimeType: "application/toml",
  buffer: Buffer.from(`[[premises]]\nid = "P-9"\ndistrict = "330481"\nclass = "rural"\naddress = "丁桥镇虚构村9号"\nlat = ${lat}\nlon = 120.64\n`),
});

test("a world file is tried before it is applied, and its faults are told with their line", async () => {
  const { page } = await desk(browser, house, "wang");
  await page.getByRole("button", { name: "档案", exact: true }).click();
  await page.getByRole("button", { name: "导入世界文件" }).click();
  const dialog = page.getByRole("dialog");
  const there = () => house.ask("wang", "GET", "/registry/premises/P-9").then(() => true, () => false);
  await dialog.getByLabel("导入世界文件").setInputFiles(world("930.42"));
  await dialog.getByRole("button", { name: "试运行" }).click();
  await dialog.getByRole("alert").getByText(/930\.42/).waitFor();
  expect(await dialog.getByRole("alert").textContent()).toMatch(/6/);
  await dialog.getByLabel("导入世界文件").setInputFiles(world("30.42"));
  await dialog.getByRole("button", { name: "试运行" }).click();
  await dialog.getByText("试运行：尚未写入。").waitFor();
  await dialog.getByText("新增 1，更改 0，不变 0").waitFor();
  await shot(page, "console-import");
  expect(await there()).toBe(false);
  await dialog.getByRole("button", { name: "导入", exact: true }).click();
  await dialog.getByText("已导入。").waitFor();
  expect(await there()).toBe(true);
  await dialog.getByRole("button", { name: "取消" }).click();
  await settled(page);
});
