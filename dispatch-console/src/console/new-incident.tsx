// An incident that a person opens: for somebody found, or at a place on the map.

import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as api from "../api/client";
import { Dialog } from "../ui/dialog";
import { Select, TextArea } from "../ui/field";
import { toast } from "../ui/toasts";
import * as acts from "./acts";
import { PlacePicker, type Picked } from "./map/picker";
import { PersonPicker } from "./person-picker";
import { go } from "./place";
import { KINDS } from "./queue/filters";
import { useBoard } from "./session";

export function NewIncident({ at, onLeave }: { at: Picked | null; onLeave: () => void }) {
  const { t } = useTranslation();
  const district = useBoard((it) => it.me?.districts[0]);
  const [kind, setKind] = useState("medical");
  const [subject, setSubject] = useState<string | null>(null);
  const [place, setPlace] = useState(at);
  const [text, setText] = useState("");
  const agree = async () => {
    const body: api.OpenNew = { kind, ...(subject ? { subject } : { district }), ...(place ? { place } : {}), ...(text.trim() ? { note: text.trim() } : {}) };
    const id = await acts.opened(api.openIncident(body));
    if (!id) return;
    toast(t("done.new", { id }));
    go("board", id);
    onLeave();
  };
  return (
    <Dialog title={t("new_by_hand")} hint={t("new_needs")} agree={t("act.new")} disabled={!subject && !place} onAgree={() => void agree()} onLeave={onLeave}>
      <PersonPicker autoFocus chosen={subject} choose={(it) => setSubject(it?.id ?? null)} />
      <PlacePicker picked={place} pick={setPlace} />
      <Select label={t("kind")} value={kind} onChange={(e) => setKind(e.target.value)}>
        {KINDS.map((it) => <option key={it} value={it}>{t(`kind.${it}`)}</option>)}
      </Select>
      <TextArea label={t("note")} value={text} onChange={(e) => setText(e.target.value)} />
    </Dialog>
  );
}
