// The console's live feed: says what was seen last, tells the board what it hears, and asks anew after a gap.

import { hasGap, hello, type Board, type Update } from "../state/board";
import type { Message } from "../state/types";
import { BROWSER, follow, type Line, type Surroundings } from "./line";
import type { Store } from "./store";

/** The service says something at least every 10 s. */
const SILENCE_MS = 25_000;

export interface FeedOf {
  url: string;
  board: Store<Board, Update>;
  /** The page's own clock, in ms. */
  now(): number;
  /** Whether somebody is still signed in. */
  again(): Promise<boolean>;
}

export function feed({ url, board, now, again }: FeedOf, around: Surroundings = BROWSER): Line {
  const line: Line = follow(
    {
      url,
      silenceMs: SILENCE_MS,
      opened: (say) => say(hello(board.get())),
      heard: (message) => {
        if (!board.get().line.up) board.tell({ type: "line_up", at: now() });
        board.tell({ type: "message", message: message as Message, at: now() });
        if (hasGap(board.get())) line.restart();
      },
      lost: () => board.tell({ type: "line_lost", at: now() }),
      again,
    },
    around,
  );
  return line;
}
