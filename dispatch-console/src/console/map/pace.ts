// How often the moving marks are drawn: soon where drawing is cheap; where it is dear, as without a graphics card, so
// seldom that the page stays free for the next alarm.

/** At most this often, in ms: an eye follows. */
const EVERY_MS = 500;
/** Of the time at most one part in so many is spent drawing. */
const SHARE = 10;
/** And at least this often: a mark that stands still for longer would be a lie. */
const EVERY_MAX_MS = 4_000;

export interface Surroundings {
  after(ms: number, then: () => void): () => void;
  /** When the next frame has been put on the screen. */
  drawn(then: () => void): void;
  now(): number;
}

const BROWSER: Surroundings = {
  after: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  // The frame after the one that was drawn begins when that one is out.
  drawn: (then) => requestAnimationFrame(() => requestAnimationFrame(then)),
  now: () => performance.now(),
};

export interface Pace {
  /** Something has changed. */
  soon(): void;
  stop(): void;
}

export function pace(draw: () => void, around: Surroundings = BROWSER): Pace {
  let tookMs = 0;
  let cancel: (() => void) | null = null;
  const turn = () => {
    cancel = null;
    const began = around.now();
    draw();
    around.drawn(() => (tookMs = around.now() - began));
  };
  turn();
  return {
    soon: () => {
      cancel ??= around.after(Math.min(EVERY_MAX_MS, Math.max(EVERY_MS, tookMs * SHARE)), turn);
    },
    stop: () => cancel?.(),
  };
}
