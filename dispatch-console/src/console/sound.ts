// The sound of the room: of the most urgent incident that nobody has claimed, until somebody does. Each urgency has
// its own figure, so that it is known without looking.

import { useEffect, useState } from "react";
import { loudest } from "../state/queue";
import { useBoard } from "./session";

interface Figure {
  /** Hz, one after the other. */
  tones: number[];
  /** Seconds from one figure to the next. */
  everyS: number;
}

const FIGURES: Record<number, Figure> = {
  1: { tones: [988, 784, 988, 784], everyS: 1.6 },
  2: { tones: [784, 659], everyS: 3 },
  3: { tones: [523], everyS: 6 },
};
const TONE_S = 0.16;
const LOUD = 0.18;

let context: AudioContext | null = null;

/** Browsers let a page sound only after somebody has touched it. */
export async function allowSound(): Promise<boolean> {
  context ??= new AudioContext();
  await Promise.race([context.resume(), new Promise((go) => setTimeout(go, 300))]);
  return context.state === "running";
}

function play(figure: Figure): void {
  if (context?.state !== "running") return;
  figure.tones.forEach((hz, i) => {
    if (!context) return;
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    const from = context.currentTime + i * TONE_S;
    tone.frequency.value = hz;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(LOUD, from + 0.02);
    volume.gain.linearRampToValueAtTime(0, from + TONE_S);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + TONE_S);
  });
}

/** Sounds for as long as it must. Says whether the browser lets it. */
export function useSound(on: boolean): { allowed: boolean; allow: () => void } {
  const urgency = useBoard((it) => loudest(it)?.urgency ?? null);
  const [allowed, setAllowed] = useState(true);
  const allow = () => void allowSound().then(setAllowed);
  useEffect(allow, []);
  useEffect(() => {
    const figure = urgency === null ? undefined : FIGURES[urgency];
    if (!on || !figure) return;
    play(figure);
    const timer = setInterval(() => play(figure), figure.everyS * 1000);
    return () => clearInterval(timer);
  }, [on, urgency, allowed]);
  return { allowed, allow };
}
