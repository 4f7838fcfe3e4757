// What has just been done or refused, said once, with a way back where there is one.

import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";

export interface Toast {
  id: number;
  text: string;
  bad: boolean;
  undo?: (() => void) | undefined;
}

/** Long enough to read and to reach the key, in ms. */
const SHOWN_MS = 8_000;
const TOASTS_MAX = 3;

let toasts: Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function put(next: Toast[]) {
  toasts = next;
  listeners.forEach((it) => it());
}

export function toast(text: string, more: { bad?: boolean; undo?: (() => void) | undefined } = {}): void {
  const id = ++last;
  put([...toasts.slice(1 - TOASTS_MAX), { id, text, bad: more.bad ?? false, undo: more.undo }]);
  setTimeout(() => put(toasts.filter((it) => it.id !== id)), SHOWN_MS);
}

/** Takes back the last act that can be taken back. */
export function undoLast(): void {
  const it = toasts.findLast((each) => each.undo);
  if (!it) return;
  put(toasts.filter((each) => each !== it));
  it.undo?.();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** At the foot of the console; at the head of the phone, where the thumb's buttons are at the foot. */
const PLACES = { foot: "bottom-14", head: "top-12 px-4" };

export function Toasts({ at = "foot" }: { at?: keyof typeof PLACES }) {
  const { t } = useTranslation();
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div role="status" aria-live="polite" className={`pointer-events-none fixed inset-x-0 z-20 grid justify-items-center gap-2 ${PLACES[at]}`}>
      {shown.map((it) => (
        <div key={it.id} className={`pointer-events-auto flex items-center gap-3 rounded-lg border bg-raised px-4 py-2 ${it.bad ? "border-u1 text-u1-text" : "border-edge text-ink"}`}>
          {it.text}
          {it.undo && (
            <Button weight="quiet" hotkey="U" onClick={undoLast}>
              {t("undo")}
            </Button>
          )}
        </div>
      ))}
    </div>
  );
}
