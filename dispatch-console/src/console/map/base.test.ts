import { expect, test } from "vitest";
import { readBase, shapeLayers } from "./base";

test("a template of tiles, an archive, and neither", () => {
  expect(readBase(" /tiles/{z}/{x}/{y}.png ")).toEqual({ kind: "tiles", url: "/tiles/{z}/{x}/{y}.png" });
  expect(readBase("https://map.example/haining.pmtiles")).toEqual({ kind: "archive", url: "https://map.example/haining.pmtiles" });
  expect(readBase("/maps/haining.pmtiles?v=2")?.kind).toBe("archive");
  for (const text of ["", "haining", "/tiles/{z}/{x}.png", "ftp://map.example/{z}/{x}/{y}", "javascript:alert(1).pmtiles"]) expect(readBase(text), text).toBeNull();
});

test("of an archive of shapes no boundary is drawn, whatever it is called", () => {
  const tones = { water: "#001", road: "#002", name: "#003", ground: "#000", font: ["sans-serif"] };
  const drawn = shapeLayers(["boundaries", "water", "admin", "transportation", "places", "disputed"], tones);
  expect(drawn.map((it) => [it.id, it.type])).toEqual([["base-water", "fill"], ["base-transportation", "line"], ["base-places", "symbol"]]);
});
