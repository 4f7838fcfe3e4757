// What a person must do, until somebody says it was done.

import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Incident, Task } from "../../state/types";
import { Button } from "../../ui/button";
import { useKeys } from "../../ui/keys";
import { Card } from "../../ui/panel";
import { clock } from "../../ui/time";
import { ConfirmDialog } from "./small-dialogs";

export function Tasks({ incident, mayAct }: { incident: Incident; mayAct: boolean }) {
  const { t } = useTranslation();
  const first = incident.tasks.find((it) => !it.confirmed_at);
  const [asking, setAsking] = useState<Task | null>(null);
  useKeys(mayAct && first ? { t: () => setAsking(first) } : {});
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
              mayAct && (
                <Button hotkey={it === first ? "T" : undefined} onClick={() => setAsking(it)}>
                  {t("act.confirm")}
                </Button>
              )
            )}
          </li>
        ))}
      </ul>
      {asking && <ConfirmDialog incident={incident} task={asking} onLeave={() => setAsking(null)} />}
    </Card>
  );
}
