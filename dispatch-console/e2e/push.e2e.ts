// A phone in a pocket: web push and SMS are set up and confirmed, and an offer reaches a phone that shows no page.

import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { desk, launch, open, PHONE, shot, signIn } from "./browser";
import { House } from "./house";
import { Receiver } from "./receiver";

let browser: Browser;
let house: House;
let receiver: Receiver;

beforeAll(async () => {
  browser = await launch();
  receiver = await Receiver.open();
  const config = `[push]\nservices = ["${receiver.origin}"]\n[gateway]\nurl = "${receiver.origin}/hook"\nsecret = "a secret of the tests, long enough to sign with"\n`;
  house = await House.open({ config });
});
afterAll(async () => {
  await browser.close();
  await house.close();
  receiver.close();
});

/** What a push service does with a message: hands it to the browser, which wakes the worker. */
async function deliverer(page: Page): Promise<(told: unknown) => Promise<unknown>> {
  const line: CDPSession = await page.context().newCDPSession(page);
  const known = new Promise<string>((found) => {
    line.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const ours = registrations.find((it) => it.scopeURL.endsWith("/responder/") && !it.isDeleted);
      if (ours) found(ours.registrationId);
    });
  });
  await line.send("ServiceWorker.enable");
  const registrationId = await known;
  return (told) => line.send("ServiceWorker.deliverPushMessage", { origin: house.origin, registrationId, data: JSON.stringify(told) });
}

const titles = (page: Page) => page.evaluate(() => navigator.serviceWorker.ready.then((it) => it.getNotifications()).then((all) => all.map((it) => it.title)));

test("push and SMS are confirmed by what arrives, and an offer wakes a phone without a page", async () => {
  const { page, context, strays, errors } = await open(browser, house, "/responder/", { viewport: PHONE });
  await context.grantPermissions(["notifications", "geolocation"], { origin: house.origin });
  // The one thing that a test cannot have: a browser maker's push service.
  await page.addInitScript((it) => (PushManager.prototype.subscribe = () => Promise.resolve({ toJSON: () => it } as unknown as PushSubscription)), receiver.subscription);
  await page.reload();
  await signIn(page, house, "zhou");
  const channel = (name: string) => page.locator(`[data-channel="${name}"]`);
  await channel("push").getByText("未确认").waitFor();
  const deliver = await deliverer(page);

  await channel("push").getByRole("button", { name: "开启推送" }).click();
  const first = await receiver.push();
  expect(first.test?.token).toMatch(/^[0-9a-f]{32}$/);
  await deliver(first);
  await channel("push").getByText("可用").waitFor();
  expect(await titles(page)).toEqual(["推送可用"]);

  await channel("sms").getByRole("button", { name: "测试" }).click();
  const { text } = JSON.parse((await receiver.next("/hook")).toString()) as { text: string };
  const code = text.match(/\d{6}/)?.[0] ?? "";
  await page.getByLabel("收到的测试码").fill(code === "000000" ? "000001" : "000000");
  await page.keyboard.press("Enter");
  await page.getByText("测试码不符或已过期").waitFor();
  await page.getByLabel("收到的测试码").fill(code);
  await page.keyboard.press("Enter");
  await channel("sms").getByText("可用").waitFor();
  await shot(page, "phone-channels");

  await page.getByRole("button", { name: "上岗", exact: true }).click();
  await page.getByRole("heading", { name: "等待派单" }).waitFor();
  await page.goto(`${house.origin}/icon.svg`);
  await house.press("8800000011");
  const second = await receiver.push();
  expect(second.offer?.kind).toBe("sos");
  await deliver(second);
  const told = async () => (await house.ask<{ timeline: { type: string; channel?: string; outcome?: string }[] }>("chen", "GET", "/incidents/330481-1")).timeline;
  await expect.poll(async () => (await told()).filter((it) => it.type === "offer_shown").map((it) => it.channel)).toEqual(["push"]);

  await page.goto(`${house.origin}/responder/`);
  await page.getByRole("heading", { name: "求救" }).waitFor();
  expect(await titles(page)).toContain("求救 · 紧急 2");
  const { page: console_ } = await desk(browser, house, "chen");
  await console_.locator('[data-incident="330481-1"]').click();
  await console_.getByTestId("timeline").getByText("以推送通知 周护理员：已发出。").waitFor();
  await console_.getByTestId("timeline").getByText("周护理员 已看到派单（推送）。").waitFor();
  expect([...strays, ...errors]).toEqual([]);
});
