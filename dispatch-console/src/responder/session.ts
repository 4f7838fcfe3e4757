// Who carries this phone, and the link that goes with them. What must not be lost in a cellar is kept on the phone:
// the words that wait to be sent, and the assignment until it is cleared. How to get in is never kept.

import { useSyncExternalStore } from "react";
import * as api from "../api/client";
import { Refused } from "../api/http";
import { link, type Link } from "../live/phone-link";
import { nextFrame, store } from "../live/store";
import { reducePhone, SILENT_PHONE, type Phone, type PhoneUpdate, type Saying } from "../state/phone";

export const phone = store<Phone, PhoneUpdate>(SILENT_PHONE, reducePhone, nextFrame);

const KEPT = "tidewatch.phone";

interface Kept {
  account: string;
  outbox: Saying[];
  assignment: Phone["assignment"];
  duty: boolean;
  finished: string | null;
}

let current: { account: string; link: Link } | null = null;

export function usePhone<T>(select: (phone: Phone) => T): T {
  return useSyncExternalStore(phone.subscribe, () => select(phone.get()));
}

function kept(): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "null") as Kept | null;
  } catch {
    return null;
  }
}

/** Who was signed in here last, for a phone that is opened without a line. */
export function lastAccount(): string | null {
  return kept()?.account ?? null;
}

export function begin(account: string): void {
  if (current) return;
  const before = kept();
  if (before?.account === account) restore(before);
  const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/responder/live`;
  current = { account, link: link({ url, phone, again: stillSignedIn }) };
}

function restore({ duty, assignment, outbox, finished }: Kept): void {
  phone.tell({ type: "heard", message: { state: { duty, offers: [], assignment } } });
  outbox.forEach((saying) => phone.tell({ type: "said", saying }));
  if (!finished) phone.tell({ type: "finished_told" });
}

/** Written at once, not at the next frame: a phone may be switched off between the two. */
function keep(): void {
  if (!current) return;
  const { outbox, assignment, duty, finished } = phone.get();
  localStorage.setItem(KEPT, JSON.stringify({ account: current.account, outbox, assignment, duty, finished } satisfies Kept));
}
phone.subscribe(keep);

async function stillSignedIn(): Promise<boolean> {
  try {
    await api.me();
    return true;
  } catch (why) {
    if (!(why instanceof Refused) || why.status !== 401) return true;
    forget();
    return false;
  }
}

function forget(): void {
  current?.link.stop();
  current = null;
  localStorage.removeItem(KEPT);
  phone.tell({ type: "signed_out" });
  window.dispatchEvent(new Event("signed-out"));
}

export async function leave(): Promise<void> {
  await api.signOut().catch(() => undefined);
  forget();
}

export function tellLink(message: unknown): void {
  current?.link.say(message);
}

/** Said now, or as soon as there is a line; never lost, never twice. */
export function say(make: (stamp: { at: string; key: string }) => Saying): void {
  const saying = make({ at: new Date().toISOString(), key: crypto.randomUUID() });
  phone.tell({ type: "said", saying });
  keep();
  current?.link.flush();
}

window.addEventListener("online", () => current?.link.hurry());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && current?.link.hurry());
