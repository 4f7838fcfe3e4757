// One incident in the queue: kind, who, where, whose, how far, and what is due next.

import { memo } from "react";
import { useTranslation } from "react-i18next";
import { ageOf, usePerson } from "../../api/persons";
import { isDone, nextDue, stageOf } from "../../state/queue";
import type { Incident } from "../../state/types";
import { Bar, Countdown } from "../../ui/countdown";
import { useNow } from "../../ui/time";
import { Urgency } from "../../ui/urgency";
import { go } from "../place";

export const QueueRow = memo(function QueueRow({ incident, chosen }: { incident: Incident; chosen: boolean }) {
  const { t } = useTranslation();
  const now = useNow();
  const person = usePerson(incident.subject);
  const due = nextDue(incident, now);
  const age = ageOf(person?.birth, now);
  const who = person ? [person.name, age === null ? null : String(age)].filter(Boolean).join(" · ") : (incident.subject ?? t("unknown_person"));
  const risks = (person?.risks ?? []).map((it) => t(`risk.${it}`)).join(" ");
  return (
    <button
      type="button"
      aria-current={chosen}
      data-incident={incident.id}
      onClick={() => go("board", incident.id)}
      className="grid h-full w-full grid-cols-[auto_minmax(0,1fr)_auto] items-start gap-x-3 border-b border-l-[3px] border-b-line border-l-transparent px-3 pt-3 text-left hover:bg-raised aria-[current=true]:border-l-bright aria-[current=true]:bg-chosen"
    >
      <Urgency urgency={incident.urgency} />
      <span className="min-w-0">
        <span className="flex gap-2 whitespace-nowrap">
          <b className="text-bright">{t(`kind.${incident.kind}`)}</b>
          <span className="shrink-0 text-ink">{who}</span>
          <span className="truncate text-dim">{risks}</span>
          {incident.presses > 1 && <span className="shrink-0 font-semibold text-u1-text">×{incident.presses}</span>}
        </span>
        <span className="block truncate text-dim">{person?.address ?? t(incident.place ? `place.${incident.place.source}` : "no_place")}</span>
        <span className="flex gap-2 truncate">
          <span className={incident.owner ? "text-dim" : "font-semibold text-ink"}>{incident.owner ?? t("nobody")}</span>
          <span className="text-dim">{t(isDone(incident) ? "stage.done" : `stage.${stageOf(incident)}`)}</span>
          {incident.unattended && <span className="font-semibold text-u2-text">{t("unattended")}</span>}
        </span>
      </span>
      <Countdown due={due} urgency={incident.urgency} now={now} />
      <span className="col-span-2 col-start-2 mt-1">
        <Bar due={due} urgency={incident.urgency} now={now} />
      </span>
    </button>
  );
});
