// Who has been asked, who can be, and why the others cannot.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as api from "../../api/client";
import { distance } from "../../i18n/sentence";
import { responderNamed } from "../../state/queue";
import type { Assignment, Incident } from "../../state/types";
import { Button } from "../../ui/button";
import { useKeys } from "../../ui/keys";
import { Card, Quiet } from "../../ui/panel";
import { ageWords, span, useNow } from "../../ui/time";
import * as acts from "../acts";
import { useAbout } from "../about-responder";
import { board } from "../session";
import { WithdrawDialog } from "./small-dialogs";

const SHOWN = 8;
/** Positions move; so do the estimates, in ms. */
const EVERY_MS = 5_000;
const OVER = ["declined", "expired", "withdrawn"];

export function Candidates({ incident, mayAct, events }: { incident: Incident; mayAct: boolean; events: number }) {
  const { t } = useTranslation();
  const asked = useQuery({
    queryKey: ["nearest", incident.id, events],
    queryFn: () => api.nearest(incident.id, SHOWN),
    enabled: incident.state === "open",
    refetchInterval: EVERY_MS,
    placeholderData: (old) => old,
  });
  const held = incident.assignments.filter((it) => !OVER.includes(it.state));
  const others = (asked.data ?? []).filter((it) => !held.some((each) => each.responder === it.responder));
  const free = others.filter((it) => it.eligible);
  const byNumber = Object.fromEntries(free.slice(0, 9).map((it, i) => [String(i + 1), () => void acts.offer(incident.id, { responder: it.responder })]));
  useKeys(mayAct ? byNumber : {});
  return (
    <Card title={t("responders")}>
      {held.length + others.length === 0 && <Quiet>{t("nobody_near")}</Quiet>}
      <ul className="divide-y divide-line">
        {held.map((it) => <Held key={it.offer} assignment={it} incident={incident} mayAct={mayAct} />)}
        {[...free, ...others.filter((it) => !it.eligible)].map((it) => (
          <Candidate key={it.responder} it={it} incident={incident.id} mayAct={mayAct} number={free.indexOf(it) + 1} />
        ))}
      </ul>
    </Card>
  );
}

function nameOf(id: string): string {
  return responderNamed(board.get(), id)?.name ?? id;
}

function Held({ assignment: it, incident, mayAct }: { assignment: Assignment; incident: Incident; mayAct: boolean }) {
  const { t } = useTranslation();
  const now = useNow();
  const arrival = it.arrival_at ? Date.parse(it.arrival_at) - now : null;
  const left = it.state === "offered" && it.expires_at ? Date.parse(it.expires_at) - now : null;
  const pending = ["offered", "accepted", "en_route"].includes(it.state);
  const about = useAbout(it.responder);
  const [asking, setAsking] = useState(false);
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 py-2">
      <b className="truncate text-bright">{nameOf(it.responder)}</b>
      <span className={`text-right font-semibold ${it.state === "offered" ? "text-ink" : "text-safe-text"}`}>
        {t(`who.${it.state}`)}
        {left !== null && left > 0 && ` ${span(left)}`}
      </span>
      <span className="text-dim">{about.words}</span>
      <span className="text-right text-dim">{arrival !== null && arrival > 0 && ["accepted", "en_route"].includes(it.state) && t("minutes", { n: Math.max(1, Math.round(arrival / 60_000)) })}</span>
      <span className="col-span-2 mt-1 flex gap-2">
        {about.phone && <a href={`tel:${about.phone}`} aria-label={`${t("call_out")} ${nameOf(it.responder)}`} className="inline-flex min-h-8 items-center rounded-md border border-line px-3 hover:border-edge">{t("call_out")}</a>}
        {mayAct && pending && (
          <Button aria-label={`${t("act.withdraw")} ${nameOf(it.responder)}`} onClick={() => setAsking(true)}>
            {t("act.withdraw")}
          </Button>
        )}
      </span>
      {asking && <WithdrawDialog incident={incident} assignment={it} onLeave={() => setAsking(false)} />}
    </li>
  );
}

function Candidate({ it, incident, mayAct, number }: { it: api.Candidate; incident: string; mayAct: boolean; number: number }) {
  const { t } = useTranslation();
  const about = useAbout(it.responder);
  const age = it.place_age_s === null ? t("from_base") : t("position_age", { age: t(...ageWords(it.place_age_s)) });
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto_auto] items-center gap-x-3 py-2">
      <b className={`truncate ${it.eligible ? "text-bright" : "font-normal text-dim"}`}>{nameOf(it.responder)}</b>
      <span className={`text-right whitespace-nowrap ${it.eligible ? "font-semibold text-bright" : "text-dim"}`}>{t("minutes", { n: Math.max(1, Math.round(it.eta_s / 60)) })}</span>
      {mayAct && it.eligible ? (
        <Button className="row-span-2" hotkey={number <= 9 ? String(number) : undefined} aria-label={`${t("act.offer_named")} ${nameOf(it.responder)}`} onClick={() => void acts.offer(incident, { responder: it.responder })}>
          {t("act.offer_named")}
        </Button>
      ) : (
        <span className="row-span-2" />
      )}
      <span className="col-span-2 text-dim">{[it.eligible ? "" : t(`why.${it.why_not ?? "busy"}`), distance(it.distance_m), about.words, age].filter(Boolean).join(" · ")}</span>
    </li>
  );
}
