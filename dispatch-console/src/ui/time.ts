// The service's time, once a second for everybody who shows it, and how durations are written.

import { useSyncExternalStore } from "react";

let skewMs = 0;
let tick = 0;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;

/** The service's clock minus this page's. */
export function setSkew(ms: number): void {
  skewMs = ms;
}

export function serverNow(): number {
  return Date.now() + skewMs;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // Nobody may have listened for a while.
  if (timer === null) tick = serverNow();
  timer ??= setInterval(() => {
    tick = serverNow();
    listeners.forEach((it) => it());
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/** The service's time in ms, told once a second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => (tick === 0 ? (tick = serverNow()) : tick));
}

/** `26:34`, or `1:02:07` from an hour on; negative shows as what it is over by. */
export function span(ms: number): string {
  const s = Math.floor(Math.abs(ms) / 1000);
  const [h, m, rest] = [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60];
  const two = (it: number) => String(it).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(rest)}` : `${two(m)}:${two(rest)}`;
}

/** `03:42:17`, where the reader sits. */
export function clock(ms: number): string {
  return new Date(ms).toLocaleTimeString("en-GB");
}

export function dateAndClock(at: string): string {
  const it = new Date(at);
  return `${it.getMonth() + 1}/${it.getDate()} ${clock(it.getTime())}`;
}

/** The words for an age in seconds: key and number. */
export function ageWords(s: number): [string, { n: number }] {
  if (s < 100) return ["age_s", { n: Math.max(0, Math.round(s)) }];
  if (s < 6000) return ["age_m", { n: Math.round(s / 60) }];
  return ["age_h", { n: Math.round(s / 3600) }];
}
