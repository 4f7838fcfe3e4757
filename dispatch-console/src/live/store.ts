// State outside React: updates are reduced at once and told to the views at most once per animation frame, so that a
// storm of events costs one drawing.

export interface Store<S, U> {
  get(): S;
  tell(update: U): void;
  subscribe(listener: () => void): () => void;
}

export function store<S, U>(first: S, reduce: (state: S, update: U) => S, soon: (then: () => void) => void): Store<S, U> {
  let state = first;
  let pending = false;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    tell: (update) => {
      const next = reduce(state, update);
      if (next === state) return;
      state = next;
      if (pending) return;
      pending = true;
      soon(() => {
        pending = false;
        listeners.forEach((it) => it());
      });
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The next animation frame; a page that is not shown gets none, and is told all the same. */
export function nextFrame(then: () => void): void {
  if (document.visibilityState === "hidden") setTimeout(then, 100);
  else requestAnimationFrame(then);
}
