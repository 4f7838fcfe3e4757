// What neighbouring districts were asked, and who comes from there: they alone ask, time and call off their own people.

import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { Aid, Incident } from "../../state/types";
import { Card } from "../../ui/panel";
import { clock } from "../../ui/time";

export function Aids({ aids }: { aids: NonNullable<Incident["aids"]> }) {
  const { t } = useTranslation();
  return (
    <Card title={t("aids")}>
      <ul className="grid gap-1">
        {aids.map((it) => (
          <li key={it.aid} className="flex items-center gap-3">
            <b className={`flex-1 ${it.over_at ? "font-normal text-dim" : ""}`}>{it.of}</b>
            <span className={it.over_at ? "text-dim" : "text-ink"}>{told(it, t)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function told(it: Aid, t: TFunction): string {
  const who = it.responder && it.state ? [it.responder, t(`who.${it.state}`)] : [];
  const when = it.state === "accepted" || it.state === "en_route" ? it.arrival_at : undefined;
  const arrival = when ? [t("aid_arrives", { time: clock(Date.parse(when)) })] : [];
  if (it.over_at) return [...who, t("aid_over", { time: clock(Date.parse(it.over_at)) })].join(" · ");
  if (who.length > 0) return [...who, ...arrival].join(" · ");
  if (!it.incident) return t("aid_sent", { time: clock(Date.parse(it.asked_at)) });
  return t(it.nobody ? "aid_nobody" : "aid_asking");
}
