// The clocks of the field: since the call, and since the decision. The promise at the door is the largest.

import { useTranslation } from "react-i18next";
import { clocks } from "../../state/clocks";
import { doorReached } from "../../state/queue";
import type { Event, Incident } from "../../state/types";
import { clock, span, useNow } from "../../ui/time";
import { urgencyText } from "../../ui/urgency";

export function ClockRow({ incident, timeline }: { incident: Incident; timeline: Event[] }) {
  const { t } = useTranslation();
  const now = useNow();
  const at = clocks(timeline);
  const received = at.received ?? Date.parse(incident.opened_at);
  const since = (it: number | null) => (it === null ? "–" : `+${span(it - received)}`);
  const decided = (it: number | null) => (it === null || at.offered === null ? undefined : t("since_decision", { time: span(it - at.offered) }));
  const due = Date.parse(incident.door_due_at);
  const left = due - now;
  const counting = !doorReached(incident) && incident.state === "open";
  return (
    <dl className="flex overflow-hidden rounded-lg border border-line bg-pane">
      <Cell word={t("clock.received")} value={clock(received)} />
      <Cell word={t("clock.answered")} value={since(at.answered)} />
      <Cell word={t("clock.offered")} value={since(at.offered)} />
      <Cell word={t("clock.accepted")} value={since(at.accepted)} hint={decided(at.accepted)} />
      <Cell
        main
        word={`${t("clock.at_door")} · ${t("promise", { time: t("minutes", { n: Math.round((due - Date.parse(incident.opened_at)) / 60_000) }) })}`}
        value={counting ? (left < 0 ? `+${span(left)}` : span(left)) : since(at.at_door)}
        tone={counting ? urgencyText(left < 0 ? 1 : incident.urgency) : "text-safe-text"}
        hint={decided(at.at_door)}
      />
      <Cell word={t("clock.inside")} value={since(at.inside)} />
      {at.clear !== null && <Cell word={t("clock.clear")} value={since(at.clear)} />}
    </dl>
  );
}

function Cell({ word, value, tone = "text-bright", main = false, hint }: { word: string; value: string; tone?: string; main?: boolean; hint?: string | undefined }) {
  return (
    <div className={`basis-[66px] border-r border-line px-2.5 py-2 ${main ? "flex-[2.6] bg-chosen" : "flex-1"}`}>
      <dt className={`text-dim ${main ? "" : "whitespace-nowrap"}`}>{word}</dt>
      <dd>
        <span className={`font-semibold whitespace-nowrap ${main ? "text-2xl" : "text-lg"} ${tone}`}>{value}</span>
        {hint && <span className="block whitespace-nowrap text-dim">{hint}</span>}
      </dd>
    </div>
  );
}
