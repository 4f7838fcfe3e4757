// The hotline: who rings, who waits to be called back, and one key to make a call an emergency.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as api from "../api/client";
import { ageOf, usePerson } from "../api/persons";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { TextArea } from "../ui/field";
import { useKeys } from "../ui/keys";
import { Card, Tag } from "../ui/panel";
import { dateAndClock, span, useNow } from "../ui/time";
import * as acts from "./acts";
import { Awaited, Page } from "./page";
import { go } from "./place";
import { useBoard } from "./session";
import { useKpis, useOpenCalls } from "./top-bar";
import { useDossier } from "./incident/person";

/** The preset of the field: answered within this, in seconds. */
const ANSWER_S = 15;

export function HotlineView() {
  const { t } = useTranslation();
  const news = useBoard((it) => it.news.calls);
  const open = useOpenCalls();
  const closed = useQuery({ queryKey: ["calls", "closed", news], queryFn: () => api.calls("closed"), placeholderData: (old) => old });
  const target = useKpis()?.calls.target_s ?? ANSWER_S;
  const first = open.data?.find((it) => !it.incident);
  useKeys({ y: () => first && void emergency(first) });
  return (
    <Page title={t("hotline_board")} aside={<Tag>{t("answer_within", { s: target })}</Tag>}>
      <Awaited asked={open} empty={(it) => it.length === 0}>
        {(calls) => <ul className="grid gap-3">{calls.map((it) => <li key={it.call}><CallCard call={it} target={target} hotkey={it === first} /></li>)}</ul>}
      </Awaited>
      <Card title={t("recent_calls")}>
        <Awaited asked={closed} empty={(it) => it.length === 0}>
          {(calls) => <ul className="divide-y divide-line">{calls.slice(0, 30).map((it) => <Past key={it.call} call={it} />)}</ul>}
        </Awaited>
      </Card>
    </Page>
  );
}

async function emergency(call: api.Call) {
  const id = await acts.opened(api.callIsEmergency(call.call, { kind: "medical", ...(call.subject ? { subject: call.subject } : {}) }));
  if (id) go("board", id);
}

function Caller({ call }: { call: api.Call }) {
  const { t } = useTranslation();
  const now = useNow();
  const person = usePerson(call.subject);
  const age = ageOf(person?.birth, now);
  return (
    <span className="min-w-0 flex-1">
      <b className="block truncate text-lg text-bright">{person ? [person.name, age === null ? "" : t("years", { n: age })].filter(Boolean).join(" · ") : call.subject ?? t("caller_unknown")}</b>
      <span className="text-dim">{[call.from, call.subject && !call.own_phone ? t("caller_contact") : "", person?.address].filter(Boolean).join(" · ")}</span>
    </span>
  );
}

function CallCard({ call, target, hotkey }: { call: api.Call; target: number; hotkey: boolean }) {
  const { t } = useTranslation();
  const now = useNow();
  const [returning, setReturning] = useState(false);
  const ringing = call.state === "ringing";
  const since = now - Date.parse(call.call_back && call.ended_at ? call.ended_at : (call.answered_at ?? call.rang_at));
  const late = ringing && since > target * 1000;
  return (
    <article className={`grid gap-2 rounded-lg border bg-pane p-4 ${late ? "border-u1" : ringing ? "border-u2" : "border-line"}`}>
      <div className="flex items-center gap-4">
        <span className={`text-2xl font-semibold ${late ? "text-u1-text" : ringing ? "text-u2-text" : "text-bright"}`}>{span(since)}</span>
        <span className="w-24">{call.call_back ? t("call_back_due") : t(`call.${call.state}`)}</span>
        <Caller call={call} />
        {call.incident ? (
          <Button onClick={() => go("board", call.incident)}>{call.incident}</Button>
        ) : (
          <Button weight={hotkey ? "solid" : "outline"} hotkey={hotkey ? "Y" : undefined} onClick={() => void emergency(call)}>{t("make_emergency")}</Button>
        )}
        {call.call_back && call.from && <a href={`tel:${call.from}`} className="rounded-md border border-line px-3 py-1">{t("call_out")}</a>}
        {call.call_back && <Button onClick={() => setReturning(true)}>{t("call_back")}</Button>}
      </div>
      <History subject={call.subject} />
      {returning && <CalledBack call={call} onLeave={() => setReturning(false)} />}
    </article>
  );
}

function History({ subject }: { subject: string | null }) {
  const { t } = useTranslation();
  const { dossier } = useDossier(subject);
  if (!dossier || dossier.incidents.length === 0) return null;
  return (
    <p className="text-dim">
      {t("history")}: {dossier.incidents.slice(0, 3).map((it) => `${dateAndClock(it.opened_at)} ${t(`kind.${it.kind}`)}`).join(" · ")}
    </p>
  );
}

function CalledBack({ call, onLeave }: { call: api.Call; onLeave: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const agree = async () => {
    if (await acts.calledBack(call.call, text.trim())) onLeave();
  };
  return (
    <Dialog title={t("call_back")} agree={t("call_back")} onAgree={() => void agree()} onLeave={onLeave}>
      <TextArea label={t("note")} autoFocus value={text} onChange={(e) => setText(e.target.value)} />
    </Dialog>
  );
}

function Past({ call }: { call: api.Call }) {
  const { t } = useTranslation();
  const waited = call.answered_at ? Date.parse(call.answered_at) - Date.parse(call.rang_at) : null;
  return (
    <li className="flex items-center gap-4 py-2">
      <time dateTime={call.rang_at} className="text-dim">{dateAndClock(call.rang_at)}</time>
      <Caller call={call} />
      <span className="text-dim">{t(`call.${call.state}`, { defaultValue: call.state })}</span>
      {waited !== null && <span>{span(waited)}</span>}
      {call.incident && <Button onClick={() => go("board", call.incident)}>{call.incident}</Button>}
    </li>
  );
}
