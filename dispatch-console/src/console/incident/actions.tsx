// Everything that can be done, each with its key. The likeliest next one is the only solid button.

import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isDone, stageOf } from "../../state/queue";
import type { Incident } from "../../state/types";
import { Button } from "../../ui/button";
import { useKeys } from "../../ui/keys";
import * as acts from "../acts";
import { useBoard } from "../session";
import { CloseDialog } from "./close-dialog";
import { CorrectDialog } from "./correct-dialog";
import { EscalateDialog, MergeDialog, NoteDialog, RadioDialog, WithdrawDialog } from "./small-dialogs";

type Asking = "close" | "correct" | "escalate" | "merge" | "note" | "radio" | "withdraw" | null;

/** Asked at once where one asks several. */
const SEVERAL = 3;

export function Actions({ incident }: { incident: Incident }) {
  return incident.state === "open" ? <OpenActions incident={incident} /> : <ClosedActions incident={incident} />;
}

function OpenActions({ incident }: { incident: Incident }) {
  const { t } = useTranslation();
  const me = useBoard((it) => it.me);
  const [asking, setAsking] = useState<Asking>(null);
  const leave = () => setAsking(null);
  const mine = incident.owner === me?.name;
  const other = incident.owner !== null && !mine;
  const stage = stageOf(incident);
  const next = !mine ? "claim" : isDone(incident) ? "close" : stage === "waiting" || stage === "escalated" ? "offer" : "note";
  const weight = (it: string) => (it === next ? ("solid" as const) : ("outline" as const));
  const pending = incident.assignments.filter((it) => it.state === "offered").at(-1);

  const claim = () => void acts.claim(incident.id);
  const offer = () => void acts.offer(incident.id);
  useKeys({
    a: claim,
    o: offer,
    p: () => void acts.offer(incident.id, { parallel: SEVERAL }),
    e: () => setAsking("escalate"),
    n: () => setAsking("note"),
    r: () => setAsking("correct"),
    c: () => setAsking("close"),
    g: () => setAsking("merge"),
    d: () => setAsking("radio"),
    x: () => mine && void acts.release(incident.id),
    w: () => pending && setAsking("withdraw"),
  });

  return (
    <Bar>
      {!mine && (
        <Button weight={weight("claim")} hotkey="A" onClick={claim}>
          {t(other && me?.role === "supervisor" ? "act.take_over" : "act.claim")}
        </Button>
      )}
      <Button weight={weight("offer")} hotkey="O" onClick={offer}>{t("act.offer")}</Button>
      <Button hotkey="P" onClick={() => void acts.offer(incident.id, { parallel: SEVERAL })}>{t("act.offer_several", { n: SEVERAL })}</Button>
      <Button hotkey="E" onClick={() => setAsking("escalate")}>{t("act.escalate")}</Button>
      <Button weight={weight("note")} hotkey="N" onClick={() => setAsking("note")}>{t("act.note")}</Button>
      <Button hotkey="R" onClick={() => setAsking("correct")}>{t("act.correct")}</Button>
      <Button hotkey="G" onClick={() => setAsking("merge")}>{t("act.merge")}</Button>
      <Button hotkey="D" onClick={() => setAsking("radio")}>{t("act.radio")}</Button>
      <Button weight={weight("close")} hotkey="C" onClick={() => setAsking("close")}>{t("act.close")}</Button>
      {mine && <Button weight="quiet" hotkey="X" onClick={() => void acts.release(incident.id)}>{t("act.release")}</Button>}
      {asking === "close" && <CloseDialog incident={incident} onLeave={leave} />}
      {asking === "correct" && <CorrectDialog incident={incident} onLeave={leave} />}
      {asking === "escalate" && <EscalateDialog incident={incident} onLeave={leave} />}
      {asking === "merge" && <MergeDialog incident={incident} onLeave={leave} />}
      {asking === "note" && <NoteDialog incident={incident} onLeave={leave} />}
      {asking === "withdraw" && pending && <WithdrawDialog incident={incident} assignment={pending} onLeave={leave} />}
      {asking === "radio" && <RadioDialog incident={incident} onLeave={leave} />}
    </Bar>
  );
}

function ClosedActions({ incident }: { incident: Incident }) {
  const { t } = useTranslation();
  const [noting, setNoting] = useState(false);
  useKeys({ n: () => setNoting(true) });
  return (
    <Bar>
      <Button onClick={() => void acts.reopen(incident.id, t("undo_reason"))}>{t("act.reopen")}</Button>
      <Button hotkey="N" onClick={() => setNoting(true)}>{t("act.note")}</Button>
      {noting && <NoteDialog incident={incident} onLeave={() => setNoting(false)} />}
    </Bar>
  );
}

function Bar({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div role="toolbar" aria-label={t("incident")} className="flex flex-wrap gap-2 border-t border-line bg-ground px-4 py-3">
      {children}
    </div>
  );
}
