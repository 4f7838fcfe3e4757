import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Disposition } from "../../api/client";
import type { Incident } from "../../state/types";
import { Dialog } from "../../ui/dialog";
import { Check, Select, TextArea } from "../../ui/field";
import * as acts from "../acts";

const DISPOSITIONS: Disposition[] = ["helped", "hospital", "no_help_needed", "false_alarm", "test", "no_contact", "duplicate", "handed_over", "other"];
const UNDER_WAY = ["accepted", "en_route", "at_door", "inside"];

export function CloseDialog({ incident, onLeave }: { incident: Incident; onLeave: () => void }) {
  const { t } = useTranslation();
  const [disposition, setDisposition] = useState<Disposition>("helped");
  const [text, setText] = useState("");
  const [force, setForce] = useState(false);
  const theirs = (incident.aids ?? []).filter((it) => !it.over_at);
  const underWay = [...incident.assignments, ...theirs].some((it) => UNDER_WAY.includes(it.state ?? ""));
  const agree = async () => {
    if (await acts.close(incident.id, disposition, text.trim(), force)) onLeave();
  };
  return (
    <Dialog title={t("act.close")} agree={t("act.close")} disabled={underWay && !force} onAgree={() => void agree()} onLeave={onLeave}>
      <Select label={t("disposition")} autoFocus value={disposition} onChange={(e) => setDisposition(e.target.value as Disposition)}>
        {DISPOSITIONS.map((it) => <option key={it} value={it}>{t(`disposition.${it}`)}</option>)}
      </Select>
      <TextArea label={t("note")} value={text} onChange={(e) => setText(e.target.value)} />
      {underWay && <Check label={t("force_close")} checked={force} onChange={(e) => setForce(e.target.checked)} />}
    </Dialog>
  );
}
