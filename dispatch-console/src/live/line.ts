// A websocket that comes back by itself: connects, lets its owner speak first, and tells what it hears. Knows nothing
// of what is said on it. Sockets and timers come in by the door, so that it can be tested without a network.

/** The next try comes after this, in ms, doubled up to the most, with some chance so that consoles do not come back together. */
const AGAIN_MS = 500;
const AGAIN_MAX_MS = 8_000;

export interface Wire {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

export interface Surroundings {
  open(url: string): Wire;
  after(ms: number, then: () => void): () => void;
  chance(): number;
}

export interface Owner {
  url: string;
  /** After this much silence, in ms, the line counts as lost: the service says something more often. */
  silenceMs: number;
  opened(say: (message: unknown) => void): void;
  heard(message: unknown): void;
  lost(code: number): void;
  /** Asked before each new try; false ends it. */
  again(): Promise<boolean>;
}

export interface Line {
  say(message: unknown): void;
  /** Hangs up and begins anew. */
  restart(): void;
  /** Tries at once, where it is waiting to. */
  hurry(): void;
  stop(): void;
}

export const BROWSER: Surroundings = {
  open: (url) => new WebSocket(url) as unknown as Wire,
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  chance: Math.random,
};

const nothing = () => undefined;

export function follow(owner: Owner, around: Surroundings = BROWSER): Line {
  let wire: Wire | null = null;
  let open = false;
  let stopped = false;
  let wait = AGAIN_MS;
  let hush: () => void = nothing;
  let unschedule: () => void = nothing;

  function listen() {
    hush();
    hush = around.after(owner.silenceMs, () => drop(wire, 0));
  }

  function connect() {
    const mine = around.open(owner.url);
    wire = mine;
    listen();
    mine.onopen = () => {
      if (mine !== wire) return;
      open = true;
      owner.opened(say);
    };
    mine.onmessage = ({ data }) => {
      if (mine !== wire) return;
      listen();
      wait = AGAIN_MS;
      owner.heard(JSON.parse(String(data)));
    };
    mine.onclose = ({ code }) => drop(mine, code);
  }

  function drop(mine: Wire | null, code: number) {
    if (mine === null || mine !== wire || stopped) return;
    wire = null;
    open = false;
    hush();
    mine.close();
    owner.lost(code);
    schedule();
  }

  function schedule() {
    unschedule = around.after(wait * (0.75 + around.chance() / 2), () => void retry());
    wait = Math.min(wait * 2, AGAIN_MAX_MS);
  }

  async function retry() {
    unschedule = nothing;
    const goOn = await owner.again();
    if (!stopped && goOn && wire === null) connect();
  }

  function say(message: unknown) {
    if (open) wire?.send(JSON.stringify(message));
  }

  connect();
  return {
    say,
    restart: () => drop(wire, 0),
    hurry: () => {
      if (wire !== null || stopped) return;
      unschedule();
      void retry();
    },
    stop: () => {
      stopped = true;
      hush();
      unschedule();
      wire?.close();
    },
  };
}
