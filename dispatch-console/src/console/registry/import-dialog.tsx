// A world file: tried first, with everything that is wrong in it, and only then applied.

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { importWorld, type ImportReport } from "../../api/registry";
import { Refused } from "../../api/http";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { toast } from "../../ui/toasts";
import { explain } from "../acts";

interface Fault {
  line?: number;
  field?: string;
  found?: string;
  expected?: string;
  mend?: string;
  message?: string;
}

export function ImportDialog({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation();
  const [toml, setToml] = useState<string | null>(null);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [faults, setFaults] = useState<Fault[]>([]);

  async function run(dryRun: boolean) {
    if (toml === null) return;
    try {
      setReport(await importWorld(toml, dryRun));
      setFaults([]);
    } catch (why) {
      setReport(null);
      setFaults(why instanceof Refused ? ((why.body.faults as Fault[] | undefined) ?? []) : []);
      toast(await explain(why), { bad: true });
    }
  }

  const tried = report !== null && !report.applied;
  return (
    <Dialog title={t("registry_import")} hint={t("registry_import_hint")} wide agree={t("apply_import")} disabled={!tried} onAgree={() => void run(false)} onLeave={onLeave}>
      <div className="flex items-center gap-3">
        <input type="file" accept=".toml" aria-label={t("registry_import")} onChange={(e) => void e.target.files?.[0]?.text().then((it) => { setToml(it); setReport(null); })} />
        <Button disabled={toml === null} onClick={() => void run(true)}>{t("dry_run")}</Button>
      </div>
      {report && (
        <section role="status">
          <p className={report.applied ? "text-safe-text" : "text-ink"}>{t(report.applied ? "import_applied" : "import_tried")}</p>
          <ul>
            {report.tables.map((it) => (
              <li key={it.table} className="flex gap-4">
                <b className="w-28">{t(`table.${it.table}`)}</b>
                {t("import_report", it)}
              </li>
            ))}
          </ul>
        </section>
      )}
      {faults.length > 0 && (
        <ul role="alert" className="grid gap-1 text-u1-text">
          {faults.map((it, i) => <li key={i}>{[it.line, it.field, it.message ?? it.found, it.mend ?? it.expected].filter((each) => each !== undefined).join(" · ")}</li>)}
        </ul>
      )}
    </Dialog>
  );
}
