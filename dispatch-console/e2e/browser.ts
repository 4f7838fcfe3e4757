// Debian's chromium, driven: pages that count their sounds, stay on their origin, and are checked for who may not see.

import AxeBuilder from "@axe-core/playwright";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { expect } from "vitest";
import type { House, Who } from "./house";

const SHOTS = process.env.SHOTS ?? join(import.meta.dirname, "shots");
const ARGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-networking", "--autoplay-policy=no-user-gesture-required"];

/** A page of a debug build, drawn by software on a loaded machine of two cores: slow, and never for ever. In ms. */
const PATIENCE_MS = 60_000;
const LAUNCH_MS = 120_000;

export const WIDE = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS, timeout: LAUNCH_MS });
}

/** Counts what it sounds, before anything of the page runs. */
const EAR = `window.sounds = 0;
const create = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.sounds += 1; return create.call(this); };`;

export interface Opened {
  page: Page;
  context: BrowserContext;
  /** Requests that left the origin, and errors of the page. */
  strays: string[];
  errors: string[];
}

export interface How {
  viewport?: { width: number; height: number };
  language?: "zh" | "en";
  theme?: "day";
  /** The page's clock can be put forward. */
  clock?: true;
  /** In the service's place, says what the live feed says. */
  feed?: (say: (message: unknown) => void) => void;
}

export async function open(browser: Browser, house: House, path: string, more: How = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: more.viewport ?? WIDE, locale: "zh-CN", timezoneId: "Asia/Shanghai", permissions: ["geolocation"], geolocation: { latitude: 30.529, longitude: 120.685 } });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.addInitScript(EAR);
  await context.addInitScript(`localStorage.setItem("tidewatch.language", localStorage.getItem("tidewatch.language") ?? "${more.language ?? "zh"}")`);
  if (more.theme) await context.addInitScript(`localStorage.setItem("tidewatch.theme", "${more.theme}")`);
  const strays: string[] = [];
  const errors: string[] = [];
  context.on("request", (it) => {
    const url = new URL(it.url());
    if (["http:", "https:", "ws:", "wss:"].includes(url.protocol) && url.host !== new URL(house.origin).host) strays.push(it.url());
  });
  const page = await context.newPage();
  if (more.clock) await page.clock.install();
  const { feed } = more;
  if (feed) await page.routeWebSocket(/\/api\/v1\/live$/, (line) => line.onMessage(() => feed((message) => line.send(JSON.stringify(message)))));
  page.on("pageerror", (it) => errors.push(String(it)));
  await page.goto(house.origin + path);
  return { page, context, strays, errors };
}

export async function signIn(page: Page, house: House, who: Who): Promise<void> {
  await page.locator("input[name=username]").fill(who);
  await page.locator("input[name=password]").fill(house.secret(who));
  await page.keyboard.press("Enter");
}

export async function desk(browser: Browser, house: House, who: Who, more: How = {}): Promise<Opened> {
  const opened = await open(browser, house, "/", more);
  await signIn(opened.page, house, who);
  await opened.page.locator("#queue").waitFor();
  return opened;
}

/** Until the last question is gone: the feed may tell of an act before the act's own answer has come. */
export function settled(page: Page): Promise<void> {
  return page.locator("dialog[open]").waitFor({ state: "detached" });
}

/** Nothing that a person with a screen reader, or weak eyes, would stumble over. */
export async function accessible(page: Page, what: string): Promise<void> {
  // A page is there before it has asked who signs in: until then there is nothing on it to be judged.
  await page.locator("h1").first().waitFor({ state: "attached" });
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]).analyze();
  const told = violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.target.join(" ") + " " + (node.failureSummary ?? "").split("\n").slice(1, 2).join("")).slice(0, 4).join(" | ")}`);
  expect(told, what).toEqual([]);
}

export async function shot(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}
