// The client is generated from what the service says of itself: here whether it was generated again when that changed.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { House } from "./house";

const KEPT = join(import.meta.dirname, "../src/api/schema.d.ts");

let house: House;

beforeAll(async () => {
  house = await House.open();
});
afterAll(() => house.close());

test("src/api/schema.d.ts is generated from the service's own description; `npm run api` beside a service makes it again", async () => {
  const told = COMMENT_HEADER + astToString(await openapiTS(new URL(`${house.origin}/api/openapi.json`)));
  expect(readFileSync(KEPT, "utf8")).toBe(told);
});
