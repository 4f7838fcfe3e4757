// What was taken down wrongly: kind, urgency, person and place.

import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CorrectTo } from "../../api/client";
import type { Incident } from "../../state/types";
import { Dialog } from "../../ui/dialog";
import { Select } from "../../ui/field";
import * as acts from "../acts";
import { PlacePicker, type Picked } from "../map/picker";
import { PersonPicker } from "../person-picker";
import { KINDS } from "../queue/filters";

export function CorrectDialog({ incident, onLeave }: { incident: Incident; onLeave: () => void }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState(incident.kind);
  const [urgency, setUrgency] = useState(incident.urgency);
  const [subject, setSubject] = useState<string | null>(null);
  const [place, setPlace] = useState<Picked | null>(null);

  const to: CorrectTo = {
    ...(kind === incident.kind ? {} : { kind }),
    ...(urgency === incident.urgency ? {} : { urgency }),
    ...(subject ? { subject } : {}),
    ...(place ? { place } : {}),
  };
  const from: CorrectTo = {
    ...(kind === incident.kind ? {} : { kind: incident.kind }),
    ...(urgency === incident.urgency ? {} : { urgency: incident.urgency }),
    ...(subject && incident.subject ? { subject: incident.subject } : {}),
  };
  const agree = async () => {
    if (await acts.correct(incident.id, to, from)) onLeave();
  };
  return (
    <Dialog title={t("act.correct")} agree={t("act.correct")} disabled={Object.keys(to).length === 0} onAgree={() => void agree()} onLeave={onLeave}>
      <Select label={t("kind")} autoFocus value={kind} onChange={(e) => setKind(e.target.value)}>
        {KINDS.map((it) => <option key={it} value={it}>{t(`kind.${it}`)}</option>)}
      </Select>
      <Select label={t("urgency")} value={urgency} onChange={(e) => setUrgency(Number(e.target.value))}>
        {[1, 2, 3, 4, 5].map((n) => <option key={n} value={n}>{t("urgency_n", { n })}</option>)}
      </Select>
      <PersonPicker chosen={subject} choose={(it) => setSubject(it?.id ?? null)} />
      <PlacePicker picked={place} pick={setPlace} />
    </Dialog>
  );
}
