import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { en } from "./en";
import { zh } from "./zh";

/** What the service can say, as its own source has it: a word that is added there must have one here. */
const said = (file: string, pattern: RegExp) => [...readFileSync(`${import.meta.dirname}/../../../src/${file}`, "utf8").matchAll(pattern)].map((it) => it[1] ?? "");
const EVENTS = said("dispatch/event/type_name.rs", /=> "(\w+)"/g);
const CODES = said("dispatch/rejection.rs", /=> "(\w+)"/g).filter((it) => it !== "repeat");
/** Said in two sentences, by whether somebody came or went. */
const TWOFOLD = "duty_changed";

const blanks = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((it) => it[1]).sort();

test("both languages have the same words", () => {
  expect(Object.keys(en)).toEqual(Object.keys(zh));
});

test("both languages leave the same blanks", () => {
  const words: Record<string, string> = zh;
  for (const [key, text] of Object.entries(en)) expect([key, blanks(text)]).toEqual([key, blanks(words[key] ?? "")]);
});

test("every event of the service is a whole sentence", () => {
  expect(EVENTS).toContain("incident_opened");
  const types = EVENTS.flatMap((it) => (it === TWOFOLD ? [`${it}_on`, `${it}_off`] : [it]));
  for (const words of [zh, en] as Record<string, string>[]) {
    for (const type of types) expect(words[`event.${type}`], type).toMatch(/[。.]$|\}\}$/);
  }
});

test("every refusal of the service is a sentence", () => {
  expect(CODES).toContain("claimed");
  for (const words of [zh, en] as Record<string, string>[]) {
    for (const code of CODES) expect(words[`code.${code}`], code).toMatch(/[。.]$/);
  }
});
