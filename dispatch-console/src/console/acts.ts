// What an operator does, in one place: the call, what is said when it worked, how it is undone, and who won a race.

import { t } from "i18next";
import * as api from "../api/client";
import { Refused } from "../api/http";
import { incidentNamed } from "../state/queue";
import { toast } from "../ui/toasts";
import { board } from "./session";

async function attempt(what: Promise<unknown>, done: string, undo?: () => void, incident?: string): Promise<boolean> {
  try {
    await what;
    if (done) toast(done, { undo });
    return true;
  } catch (why) {
    toast(await explain(why, incident), { bad: true });
    return false;
  }
}

/** A refusal in words; of a lost race, who won it. */
export async function explain(why: unknown, incident?: string): Promise<string> {
  if (!(why instanceof Refused)) return t("no_service");
  const race = why.code === "claimed" || why.code === "not_owner";
  if (race && incident) return t("lost_race", { who: await ownerOf(incident) });
  return t(`code.${why.code}`, { defaultValue: t("failed", { why: why.detail || why.code }) });
}

async function ownerOf(incident: string): Promise<string> {
  const known = incidentNamed(board.get(), incident)?.owner;
  if (known && known !== board.get().me?.name) return known;
  const read = await api.incident(incident).catch(() => null);
  return read?.owner ?? "?";
}

export const claim = (id: string) => attempt(api.claim(id), t("done.claim"), () => void release(id), id);
export const release = (id: string) => attempt(api.release(id), t("done.release"), () => void claim(id), id);

export function offer(id: string, to: { responder?: string; parallel?: number } = {}): Promise<boolean> {
  return attempt(api.offer(id, to), t("done.offer"), () => void withdrawNewest(id), id);
}

/** The offer that was just made is the last one still unanswered. */
function withdrawNewest(id: string): Promise<boolean> | undefined {
  const pending = incidentNamed(board.get(), id)?.assignments.filter((it) => it.state === "offered").at(-1);
  return pending && withdraw(id, pending.offer);
}

export const withdraw = (id: string, it: string) => attempt(api.withdraw(id, it), t("done.withdraw"), undefined, id);
export const escalate = (id: string, rung?: string) => attempt(api.escalate(id, rung), t("done.escalate"), undefined, id);
export const note = (id: string, text: string) => attempt(api.note(id, text), t("done.note"), undefined, id);
/** `from`: what stood there before; a place, or a person where there was none, cannot be put back. */
export function correct(id: string, to: api.CorrectTo, from: api.CorrectTo = {}): Promise<boolean> {
  const whole = Object.keys(to).every((key) => key in from);
  return attempt(api.correct(id, to), t("done.correct"), whole ? () => void correct(id, from, to) : undefined, id);
}

export const merge = (id: string, into: string) => attempt(api.merge(id, into), t("done.merge"), undefined, id);
export const detach = (id: string, device: string) => attempt(api.detach(id, device), t("done.correct"), undefined, id);
export const reopen = (id: string, reason: string) => attempt(api.reopen(id, reason), t("done.reopen"), undefined, id);
export const confirmTask = (id: string, task: string, text?: string) =>
  attempt(api.confirm(id, text ? { task, note: text } : { task }), t("done.confirm"), undefined, id);

export function close(id: string, disposition: api.Disposition, text: string, force: boolean): Promise<boolean> {
  const body = { disposition, force, ...(text ? { note: text } : {}) };
  return attempt(api.close(id, body), t("done.close"), () => void reopen(id, t("undo_reason")), id);
}

export const radio = (responder: string, id: string, state: string) =>
  attempt(api.radioStatus(responder, id, state), t("done.radio"), undefined, id);

export const calledBack = (call: string, text: string) => attempt(api.calledBack(call, text || undefined), t("done.called_back"));

/** The new incident's id, once it is there. */
export async function opened(asked: Promise<{ incident?: string | null }>): Promise<string | null> {
  let id: string | null = null;
  const taken = asked.then((it) => {
    id = it.incident ?? null;
  });
  return (await attempt(taken, "")) ? id : null;
}
