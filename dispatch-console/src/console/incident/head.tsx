import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { ageOf, usePerson } from "../../api/persons";
import type { Incident } from "../../state/types";
import { Tag } from "../../ui/panel";
import { ageWords, span, useNow } from "../../ui/time";
import { Urgency } from "../../ui/urgency";

/** Risks that change how one goes there. */
const LOUD = ["lives_alone", "anticoagulant", "dementia", "bedridden"];

export function Head({ incident }: { incident: Incident }) {
  const { t } = useTranslation();
  const now = useNow();
  const person = usePerson(incident.subject);
  const age = ageOf(person?.birth, now);
  const name = person?.name ?? incident.subject ?? t("unknown_person");
  return (
    <header className="flex items-start gap-4">
      <Urgency urgency={incident.urgency} size="lg" />
      <div className="min-w-0 flex-1">
        <h1 className="text-2xl leading-tight font-semibold text-bright">
          {[t(`kind.${incident.kind}`), name].filter(Boolean).join(" · ")}
          {age !== null && `，${t("years", { n: age })}`}
        </h1>
        <p className="text-dim">{[person?.address, ...where(incident, t)].filter(Boolean).join(" · ")}</p>
        <div className="mt-2 flex flex-wrap gap-1.5">
          {incident.presses > 1 && <Tag loud>{t("presses", { n: incident.presses })}</Tag>}
          {person?.risks.map((it) => <Tag key={it} loud={LOUD.includes(it)}>{t(`risk.${it}`)}</Tag>)}
          {person?.languages.map((it) => <Tag key={it}>{it}</Tag>)}
          <Tag>{t(`class.${incident.class}`)}</Tag>
          {incident.aid_for && <Tag loud>{t("aid_for", { incident: incident.aid_for })}</Tag>}
        </div>
      </div>
      <Owner incident={incident} now={now} />
    </header>
  );
}

function Owner({ incident, now }: { incident: Incident; now: number }) {
  const { t } = useTranslation();
  return (
    <div className="shrink-0 text-right text-dim">
      {incident.owner && <p>{t("owner")}</p>}
      <p data-testid="owner" className={`font-semibold ${incident.owner ? "text-bright" : "text-u2-text"}`}>{incident.owner ?? t("nobody")}</p>
      {incident.owner && incident.answered_at && <p>{t("handled_for", { time: span(now - Date.parse(incident.answered_at)) })}</p>}
      <p>
        {t("incident")} {incident.id}
      </p>
      {incident.state === "closed" && <p className="text-ink">{t("stage.closed")} · {t(`disposition.${incident.disposition ?? "other"}`)}</p>}
    </div>
  );
}

/** Where, by what, how exact and how old. */
function where(incident: Incident, t: TFunction): string[] {
  const place = incident.place;
  if (!place) return [t("no_place")];
  if (place.source === "premises") return [t("at_home")];
  const accuracy = place.accuracy_m === undefined ? [] : [t("accuracy", { n: place.accuracy_m })];
  const [key, n] = ageWords(place.age_s ?? 0);
  return [t(`place.${place.source}`), ...accuracy, ...(place.age_s === undefined ? [] : [t(key, n)])];
}
