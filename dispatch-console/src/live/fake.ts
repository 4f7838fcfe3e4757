// A network and a clock that a test turns by hand.

import type { Surroundings, Wire } from "./line";

export interface FakeWire extends Wire {
  url: string;
  said: unknown[];
  closed: boolean;
  /** The service answers the upgrade. */
  accept(): void;
  hear(message: unknown): void;
  /** The service or the network hangs up. */
  hangUp(code?: number): void;
}

export function fake() {
  const wires: FakeWire[] = [];
  let timers: { at: number; then: () => void }[] = [];
  let now = 0;
  const around: Surroundings = {
    open: (url) => {
      const wire = fakeWire(url);
      wires.push(wire);
      return wire;
    },
    after: (ms, then) => {
      const timer = { at: now + ms, then };
      timers.push(timer);
      return () => {
        timers = timers.filter((it) => it !== timer);
      };
    },
    chance: () => 0.5,
  };
  /** Lets time pass, and everything that was due in it happen. */
  async function pass(ms: number) {
    now += ms;
    const due = timers.filter((it) => it.at <= now).sort((a, b) => a.at - b.at);
    timers = timers.filter((it) => it.at > now);
    due.forEach((it) => it.then());
    await Promise.resolve();
    await Promise.resolve();
  }
  return { around, wires, pass, now: () => now, last: () => wires[wires.length - 1] as FakeWire };
}

function fakeWire(url: string): FakeWire {
  const wire: FakeWire = {
    url,
    said: [],
    closed: false,
    onopen: null,
    onmessage: null,
    onclose: null,
    send: (text) => void wire.said.push(JSON.parse(text)),
    close: () => {
      wire.closed = true;
    },
    accept: () => wire.onopen?.(),
    hear: (message) => wire.onmessage?.({ data: JSON.stringify(message) }),
    hangUp: (code = 1006) => wire.onclose?.({ code }),
  };
  return wire;
}
