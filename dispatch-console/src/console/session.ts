// Who sits here, and the feed that goes with them: one board, one line, for the whole page.

import { useSyncExternalStore } from "react";
import * as api from "../api/client";
import { Refused } from "../api/http";
import { feed } from "../live/feed";
import type { Line } from "../live/line";
import { nextFrame, store } from "../live/store";
import { EMPTY, reduce, type Board, type Update } from "../state/board";
import { setSkew } from "../ui/time";

export const board = store<Board, Update>(EMPTY, reduce, nextFrame);

let line: Line | null = null;
const asking = new Set<string>();

/** Draws again when what `select` picks has changed; it must pick, not make. */
export function useBoard<T>(select: (board: Board) => T): T {
  return useSyncExternalStore(board.subscribe, () => select(board.get()));
}

/** Who may sit at a console. */
export function hasBoard(account: api.Account): boolean {
  return ["operator", "supervisor", "ops"].includes(account.role);
}

export function begin(account: api.Account): void {
  line?.stop();
  board.tell({ type: "signed_in", me: account });
  const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/live`;
  line = feed({ url, board, now: Date.now, again: stillSignedIn });
}

export async function leave(): Promise<void> {
  line?.stop();
  line = null;
  await api.signOut().catch(() => undefined);
  board.tell({ type: "signed_out" });
}

/** A service that does not answer has not signed us out. */
async function stillSignedIn(): Promise<boolean> {
  try {
    await api.me();
    return true;
  } catch (why) {
    if (!(why instanceof Refused) || why.status !== 401) return true;
    board.tell({ type: "signed_out" });
    return false;
  }
}

/** What the feed named and did not tell whole is read, once at a time. */
board.subscribe(() => {
  const state = board.get();
  setSkew(state.skewMs);
  for (const district of Object.values(state.districts)) {
    for (const id of Object.keys(district.missing)) void readMissing(id);
  }
});

async function readMissing(id: string): Promise<void> {
  if (asking.has(id)) return;
  asking.add(id);
  try {
    const incident = await api.incident(id);
    asking.delete(id);
    board.tell({ type: "incident_read", incident });
  } catch {
    asking.delete(id);
  }
}

window.addEventListener("online", () => line?.hurry());
