import { expect, test } from "vitest";
import { fromGcj02, toGcj02 } from "./datum";

test("a place in Haining moves by some hundred metres, and comes back", () => {
  const [lon, lat] = toGcj02(120.6881, 30.5312);
  expect(lon - 120.6881).toBeGreaterThan(0.003);
  expect(Math.abs(lat - 30.5312)).toBeGreaterThan(0.001);
  const back = fromGcj02(lon, lat);
  expect(back[0]).toBeCloseTo(120.6881, 8);
  expect(back[1]).toBeCloseTo(30.5312, 8);
});

test("elsewhere nothing moves", () => {
  expect(toGcj02(2.35, 48.85)).toEqual([2.35, 48.85]);
});
