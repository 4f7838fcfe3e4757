import { expect, test } from "vitest";
import { pace } from "./pace";

/** A machine that needs `tookMs` for a drawing. */
function machine(tookMs: number) {
  let now = 0;
  let draws = 0;
  const waits: number[] = [];
  let due: (() => void) | null = null;
  const it = pace(() => (draws += 1), {
    after: (ms, then) => {
      waits.push(ms);
      due = then;
      return () => (due = null);
    },
    drawn: (then) => {
      now += tookMs;
      then();
    },
    now: () => now,
  });
  return { it, waits, draws: () => draws, turn: () => due?.() };
}

test("many changes are one drawing", () => {
  const { it, waits, draws, turn } = machine(16);
  for (let i = 0; i < 20; i++) it.soon();
  expect([waits, draws()]).toEqual([[500], 1]);
  turn();
  expect(draws()).toBe(2);
});

test("where drawing is dear it is seldom, and never stands still for long", () => {
  expect([20, 120, 3_000].map((ms) => (({ it, waits }) => (it.soon(), waits))(machine(ms)))).toEqual([[500], [1_200], [4_000]]);
});

test("what was stopped draws no more", () => {
  const { it, draws, turn } = machine(16);
  it.soon();
  it.stop();
  turn();
  expect(draws()).toBe(1);
});
