// An offer is heard and felt over whatever the phone shows, until it is answered.

import { useEffect } from "react";

const EVERY_MS = 1_500;
const FIGURE = [880, 660, 880];
const TONE_S = 0.18;

let context: AudioContext | null = null;

/** Browsers let a page sound only after somebody has touched it: going on duty is such a touch. */
export function allowAlert(): void {
  context ??= new AudioContext();
  void context.resume();
}

function ring(): void {
  navigator.vibrate?.([400, 150, 400]);
  context ??= new AudioContext();
  if (context.state !== "running") {
    void context.resume();
    return;
  }
  FIGURE.forEach((hz, i) => {
    if (!context) return;
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    const from = context.currentTime + i * TONE_S;
    tone.frequency.value = hz;
    volume.gain.setValueAtTime(0.4, from);
    volume.gain.linearRampToValueAtTime(0, from + TONE_S);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + TONE_S);
  });
}

export function useAlert(on: boolean): void {
  useEffect(() => {
    if (!on) return;
    ring();
    const timer = setInterval(ring, EVERY_MS);
    return () => {
      clearInterval(timer);
      navigator.vibrate?.(0);
    };
  }, [on]);
}
