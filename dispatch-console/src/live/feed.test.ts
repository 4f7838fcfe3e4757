import { expect, test } from "vitest";
import { EMPTY, reduce, type Board, type Update } from "../state/board";
import { fake } from "./fake";
import { feed } from "./feed";
import { store } from "./store";

const ME = { name: "op1", role: "operator", districts: ["330481"] };

function open(again = async () => true) {
  const net = fake();
  const board = store<Board, Update>(EMPTY, reduce, (then) => then());
  board.tell({ type: "signed_in", me: ME });
  const line = feed({ url: "ws://x/live", board, now: net.now, again }, net.around);
  net.last().accept();
  return { ...net, board, line };
}

const snapshot = (seq: number, generation = "g1") => ({ district: "330481", snapshot: { seq, generation, incidents: [], responders: [] } });
const frame = (from: number, to: number) => ({
  district: "330481",
  frame: { from, to, events: Array.from({ length: to - from + 1 }, (_, i) => ({ seq: from + i, at: "2026-11-21T04:00:00.000Z", type: "duty_changed" })) },
});

test("the first hello asks for a snapshot, the next for what came after the last event", async () => {
  const net = open();
  expect(net.last().said).toEqual([{ hello: { districts: { "330481": null } } }]);
  net.last().hear(snapshot(5));
  net.last().hear(frame(6, 8));
  net.last().hangUp();
  expect(net.board.get().line).toMatchObject({ up: false, lostAt: 0 });
  await net.pass(500);
  net.last().accept();
  expect(net.wires).toHaveLength(2);
  expect(net.last().said).toEqual([{ hello: { districts: { "330481": 8 }, generation: "g1" } }]);
  net.last().hear({ district: "330481", resumed: { seq: 9, generation: "g1" } });
  net.last().hear(frame(9, 9));
  expect(net.board.get()).toMatchObject({ line: { up: true, lostAt: null }, districts: { "330481": { seq: 9, gap: false } } });
});

test("after a gap nothing is guessed: the page hangs up and asks for a snapshot", async () => {
  const net = open();
  net.last().hear(snapshot(5));
  const first = net.last();
  first.hear(frame(9, 9));
  expect(first.closed).toBe(true);
  expect(net.board.get().districts["330481"]?.seq).toBe(5);
  await net.pass(500);
  net.last().accept();
  expect(net.last().said).toEqual([{ hello: { districts: { "330481": null }, generation: "g1" } }]);
  net.last().hear(snapshot(9));
  expect(net.board.get().districts["330481"]).toMatchObject({ seq: 9, gap: false });
});

test("silence is a loss, and late words of an old line are not heard", async () => {
  const net = open();
  net.last().hear(snapshot(5));
  const old = net.last();
  await net.pass(25_000);
  expect(net.board.get().line.up).toBe(false);
  old.hear(frame(6, 6));
  expect(net.board.get().districts["330481"]?.seq).toBe(5);
});

test("tries come less often, up to eight seconds, and at once when hurried", async () => {
  const net = open();
  for (const wait of [500, 1000, 2000, 4000, 8000, 8000]) {
    const before = net.wires.length;
    net.last().hangUp();
    await net.pass(wait - 1);
    expect(net.wires).toHaveLength(before);
    await net.pass(1);
    expect(net.wires).toHaveLength(before + 1);
  }
  const before = net.wires.length;
  net.last().hangUp();
  net.line.hurry();
  await net.pass(0);
  expect(net.wires).toHaveLength(before + 1);
  await net.pass(60_000);
  expect(net.wires.length).toBeGreaterThanOrEqual(before + 1);
});

test("who is signed out is not connected again", async () => {
  const net = open(async () => false);
  net.last().hangUp();
  await net.pass(60_000);
  expect(net.wires).toHaveLength(1);
});

test("the clock shown is the service's", () => {
  const net = open();
  net.last().hear({ heartbeat: { at: "1970-01-01T00:00:07.000Z", heads: {} } });
  expect(net.board.get().skewMs).toBe(7000);
});

test("a district that can take no alarm is known until it can again", () => {
  const net = open();
  const at = "1970-01-01T00:00:07.000Z";
  net.last().hear({ heartbeat: { at, heads: {}, unready: { "330481": "no process owns the district" } } });
  expect(net.board.get().unready).toEqual({ "330481": "no process owns the district" });
  net.last().hear({ heartbeat: { at, heads: {} } });
  expect(net.board.get().unready).toEqual({});
});
