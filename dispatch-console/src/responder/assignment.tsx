// On the way: who and where, how to get in, how long the promise has, and the one next thing to say.

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ageOf } from "../api/persons";
import { nextStep, STEPS, type Assignment } from "../state/phone";
import { span, useNow } from "../ui/time";
import { AccessBlock } from "./access";
import { Big, Block, Frame } from "./frame";
import { Navigate } from "./navigate";
import { placeAge } from "./offer";
import { Scan } from "./scan";
import { say } from "./session";

export function AssignmentScreen({ assignment: it }: { assignment: Assignment }) {
  const { t } = useTranslation();
  const [over, setOver] = useState<"navigate" | "scan" | null>(null);
  const next = nextStep(it.state);
  const advance = () => next && say((stamp) => ({ status: { incident: it.incident, state: next, ...stamp } }));
  const canScan = it.state === "accepted" || it.state === "en_route";
  return (
    <Frame
      status={`${t("on_assignment")} ${it.incident}`}
      foot={
        <>
          {next && <Big look="go" onClick={advance}>{t(`next.${next}`)}</Big>}
          {canScan && <Big onClick={() => setOver("scan")}>{t("scan")}</Big>}
        </>
      }
    >
      <Progress state={it.state} />
      <Whom assignment={it} />
      <AccessBlock incident={it.incident} />
      <Clocks assignment={it} />
      <div className="grid grid-cols-2 gap-3">
        <Big onClick={() => setOver("navigate")} disabled={it.place?.lat === undefined}>{t("navigate")}</Big>
        <Call assignment={it} />
      </div>
      {over === "navigate" && <Navigate place={it.place} onLeave={() => setOver(null)} />}
      {over === "scan" && <Scan incident={it.incident} onLeave={() => setOver(null)} />}
    </Frame>
  );
}

function Progress({ state }: { state: string }) {
  const { t } = useTranslation();
  const steps = STEPS.slice(0, 4);
  const at = steps.findIndex((it) => it === state);
  return (
    <div role="img" aria-label={`${t("step_of", { n: at + 1, of: steps.length })}: ${t(`step.${state}`)}`} className="grid gap-1">
      <div className="grid grid-cols-4 gap-1.5">
        {steps.map((it, i) => <span key={it} className={`h-1.5 rounded-sm ${i <= at ? "bg-safe" : "bg-line"}`} />)}
      </div>
      <div className="grid grid-cols-4 gap-1.5 text-dim">
        {steps.map((it, i) => <span key={it} className={i === at ? "font-semibold text-bright" : ""}>{t(`step.${it}`)}</span>)}
      </div>
    </div>
  );
}

function Whom({ assignment: it }: { assignment: Assignment }) {
  const { t } = useTranslation();
  const now = useNow();
  const person = it.subjects[0];
  const age = ageOf(person?.birth, now);
  const care = it.subjects.flatMap((each) => [...(each.risks ?? []).map((r) => t(`risk.${r}`)), ...(each.conditions ?? []).map((c) => t(`condition.${c}`)), ...(each.languages ?? [])]);
  return (
    <>
      <header>
        <h1 className="text-[28px] leading-tight font-bold text-bright">
          {person?.name ?? t(`kind.${it.kind}`)}
          {age !== null && <span className="text-lg font-normal text-dim"> · {t("years", { n: age })}</span>}
        </h1>
        <p className="text-lg text-ink">{it.place?.address ?? t(it.place ? `place.${it.place.source}` : "no_place")}</p>
        <p className="text-dim">{[t(`kind.${it.kind}`), placeAge(it.place, t)].filter(Boolean).join(" · ")}</p>
      </header>
      {care.length > 0 && <Block word={t("care")}>{care.join("、")}</Block>}
    </>
  );
}

function Clocks({ assignment: it }: { assignment: Assignment }) {
  const { t } = useTranslation();
  const now = useNow();
  if (!["accepted", "en_route"].includes(it.state)) return null;
  const eta = it.arrival_at ? Math.max(0, Date.parse(it.arrival_at) - now) : null;
  const left = it.door_due_at ? Date.parse(it.door_due_at) - now : null;
  return (
    <div className="grid grid-cols-2 gap-3">
      {left !== null && (
        <Block word={t("promise_left")}>
          <b className={`text-2xl ${left < 0 ? "text-u1-text" : "text-safe-text"}`}>{left < 0 ? `+${span(left)}` : span(left)}</b>
        </Block>
      )}
      {eta !== null && <Block word={t("eta")}><b className="text-2xl">{t("minutes", { n: Math.max(1, Math.round(eta / 60_000)) })}</b></Block>}
    </div>
  );
}

function Call({ assignment }: { assignment: Assignment }) {
  const { t } = useTranslation();
  const own = assignment.subjects[0]?.phones?.[0];
  const look = "grid min-h-14 place-items-center rounded-2xl border border-edge px-3 text-lg font-semibold text-ink";
  return (
    <>
      {assignment.hotline && <a className={look} href={`tel:${assignment.hotline}`}>{t("call_centre")}</a>}
      {own && <a className={`${look} col-span-2`} href={`tel:${own}`}>{t("call_person")}</a>}
    </>
  );
}
