// The incident: who and where, its clocks, who can go, what happened, and everything that can be done about it.

import { useTranslation } from "react-i18next";
import { Quiet } from "../../ui/panel";
import { useBoard } from "../session";
import { Actions } from "./actions";
import { Aids } from "./aids";
import { Candidates } from "./candidates";
import { ClockRow } from "./clock-row";
import { Head } from "./head";
import { PersonCard } from "./person";
import { Tasks } from "./tasks";
import { TimelineCard } from "./timeline";
import { useIncident } from "./use-incident";

export function IncidentPane({ id }: { id: string | null }) {
  const { t } = useTranslation();
  const { shown, missing } = useIncident(id);
  const mayAct = useBoard((it) => it.me?.role !== "ops");
  if (!shown) {
    return (
      <section aria-label={t("incident")} className="min-w-0 bg-pane">
        <h1 className="sr-only">{t("console_title")}</h1>
        {id ? <Quiet>{t(missing ? "code.no_such_incident" : "loading")}</Quiet> : <p className="px-4 py-3 text-dim">{t("none_chosen")} {t("none_chosen_hint")}</p>}
      </section>
    );
  }
  const { incident, timeline, signals } = shown;
  return (
    <section aria-label={t("incident")} data-shown={incident.id} className="grid min-h-0 min-w-0 grid-rows-[minmax(0,1fr)_auto] border-r border-line">
      <div tabIndex={0} className="grid auto-rows-max content-start gap-4 overflow-y-auto p-4 -outline-offset-2">
        <Head incident={incident} />
        <ClockRow incident={incident} timeline={timeline} />
        {incident.tasks.length > 0 && <Tasks incident={incident} mayAct={mayAct && incident.state === "open"} />}
        {incident.aids && incident.aids.length > 0 && <Aids aids={incident.aids} />}
        <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)] items-start gap-4">
          <Candidates incident={incident} mayAct={mayAct && incident.state === "open"} events={timeline.length} />
          <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
            <PersonCard incident={incident} />
            <TimelineCard timeline={timeline} signals={signals} incident={incident} />
          </div>
        </div>
      </div>
      {mayAct && <Actions key={incident.id} incident={incident} />}
    </section>
  );
}
