// Keys of the page. They rest while somebody types, while a question is open, and with a modifier held.

import { useEffect, useRef } from "react";

export type Keys = Record<string, () => void>;

function resting(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return true;
  const at = event.target;
  if (at instanceof HTMLElement && (at.isContentEditable || at.matches("input:not([type=checkbox]), textarea, select"))) return true;
  return document.querySelector("dialog[open]") !== null;
}

export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (resting(event)) return;
      const act = latest.current[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}
