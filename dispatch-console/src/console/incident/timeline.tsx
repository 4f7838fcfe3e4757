// What happened, to the second, in sentences that somebody may be asked about later.

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { sentence } from "../../i18n/sentence";
import { responderNamed } from "../../state/queue";
import type { Event, Incident, Signal } from "../../state/types";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Card } from "../../ui/panel";
import { clock, dateAndClock } from "../../ui/time";
import * as acts from "../acts";
import { board } from "../session";

const GOOD = ["offer_accepted", "responder_en_route", "responder_at_door", "responder_inside", "responder_clear", "sla_met"];
const GRAVE = ["incident_opened", "alarm_attached", "urgency_raised", "sla_breached", "sla_warned", "incident_unattended", "incident_escalated"];
/** Told by the next event in better words. */
const SILENT = ["claim_lease_changed"];

export function TimelineCard({ timeline, signals, incident }: { timeline: Event[]; signals: Signal[]; incident: Incident }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const names = { t, responder: (id: string) => responderNamed(board.get(), id)?.name ?? id, account: (name: string) => name };
  const shown = timeline.filter((it) => !SILENT.includes(it.type));
  return (
    <Card title={t("timeline")} aside={<Button weight="quiet" onClick={() => setOpen(true)}>{t("signals")} {signals.length}</Button>}>
      <ol data-testid="timeline" aria-live="polite" className="grid gap-1.5">
        {shown.toReversed().map((it) => (
          <li key={it.seq} data-type={it.type} className="grid grid-cols-[auto_auto_minmax(0,1fr)] items-baseline gap-2.5">
            <time dateTime={it.at} className="text-dim">{clock(Date.parse(it.at))}</time>
            <span aria-hidden="true" className={`size-1.5 -translate-y-0.5 rounded-2xl ${GOOD.includes(it.type) ? "bg-safe" : GRAVE.includes(it.type) ? "bg-u2" : "bg-faint"}`} />
            <span className="break-words">{sentence(it, names)}</span>
          </li>
        ))}
      </ol>
      {open && <Signals signals={signals} incident={incident} onLeave={() => setOpen(false)} />}
    </Card>
  );
}

function Signals({ signals, incident, onLeave }: { signals: Signal[]; incident: Incident; onLeave: () => void }) {
  const { t } = useTranslation();
  const several = new Set(signals.map((it) => it.device)).size > 1;
  return (
    <Dialog title={t("signals")} wide onLeave={onLeave}>
      <ul className="divide-y divide-line">
        {signals.map((it) => (
          <li key={it.seq} className="flex items-center gap-4 py-2">
            <time dateTime={it.received_at} className="text-dim">{dateAndClock(it.received_at)}</time>
            <b>{t(`kind.${it.kind}`)}</b>
            <span className="flex-1 truncate text-dim">{it.device}</span>
            {several && it.device && incident.state === "open" && (
              <Button onClick={() => void acts.detach(incident.id, it.device as string).then((done) => done && onLeave())}>{t("act.detach")}</Button>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
