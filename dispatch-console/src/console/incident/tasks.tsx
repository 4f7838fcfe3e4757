// What a person must do, until somebody says it was done.

import { useTranslation } from "react-i18next";
import type { Incident } from "../../state/types";
import { Button } from "../../ui/button";
import { Card } from "../../ui/panel";
import { clock } from "../../ui/time";
import * as acts from "../acts";

export function Tasks({ incident }: { incident: Incident }) {
  const { t } = useTranslation();
  const first = incident.tasks.find((it) => !it.confirmed_at);
  return (
    <Card title={t("tasks")}>
      <ul className="grid gap-1">
        {incident.tasks.map((it) => (
          <li key={it.task} className="flex items-center gap-3">
            <b className={`flex-1 ${it.confirmed_at ? "font-normal text-dim" : "text-u2-text"}`}>{t(`rung.${it.rung}`)}</b>
            {it.confirmed_at ? (
              <span className="text-dim">
                {it.by} · {clock(Date.parse(it.confirmed_at))}
              </span>
            ) : (
              <Button hotkey={it === first ? "T" : undefined} onClick={() => void acts.confirmTask(incident.id, it.task)}>
                {t("act.confirm")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
