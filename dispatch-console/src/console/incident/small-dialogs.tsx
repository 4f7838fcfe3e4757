// The short questions: a note, a rung, another incident, a word said by radio; and whether to do what cannot be undone.

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { queue, responderNamed } from "../../state/queue";
import type { Assignment, Incident, Task } from "../../state/types";
import { usePerson } from "../../api/persons";
import { Dialog } from "../../ui/dialog";
import { Input, Select, TextArea } from "../../ui/field";
import * as acts from "../acts";
import { board } from "../session";

interface Props {
  incident: Incident;
  onLeave: () => void;
}

/** The rungs of the default ladder; the service refuses one that an incident does not have. */
const RUNGS = ["nearest", "supervisor", "neighbour", "120"];

export function NoteDialog({ incident, onLeave }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const agree = async () => {
    if (await acts.note(incident.id, text.trim())) onLeave();
  };
  return (
    <Dialog title={t("act.note")} hint={t("note_hint")} agree={t("act.note")} disabled={!text.trim()} onAgree={() => void agree()} onLeave={onLeave}>
      <TextArea
        label={t("text")}
        autoFocus
        value={text}
        onChange={(e) => setText(e.target.value)}
        onKeyDown={(e) => {
          if (e.key !== "Enter" || e.shiftKey || e.nativeEvent.isComposing) return;
          e.preventDefault();
          e.currentTarget.form?.requestSubmit();
        }}
      />
    </Dialog>
  );
}

export function EscalateDialog({ incident, onLeave }: Props) {
  const { t } = useTranslation();
  const [rung, setRung] = useState("");
  const agree = async () => {
    if (await acts.escalate(incident.id, rung || undefined)) onLeave();
  };
  return (
    <Dialog title={t("ask.escalate")} hint={t("ask.escalate_hint")} agree={t("act.escalate")} onAgree={() => void agree()} onLeave={onLeave}>
      <Select label={t("rung")} autoFocus value={rung} onChange={(e) => setRung(e.target.value)}>
        <option value="">{t("rung.next")}</option>
        {RUNGS.map((it) => <option key={it} value={it}>{t(`rung.${it}`)}</option>)}
      </Select>
    </Dialog>
  );
}

export function MergeDialog({ incident, onLeave }: Props) {
  const { t } = useTranslation();
  const others = queue(board.get(), 0).filter((it) => it.id !== incident.id && it.district === incident.district);
  const [into, setInto] = useState(others[0]?.id ?? "");
  const agree = async () => {
    if (await acts.merge(incident.id, into)) onLeave();
  };
  return (
    <Dialog title={t("ask.merge_into")} hint={t("ask.merge_hint")} agree={t("act.merge")} disabled={!into} onAgree={() => void agree()} onLeave={onLeave}>
      <Select label={t("incident")} autoFocus value={into} onChange={(e) => setInto(e.target.value)}>
        {others.map((it) => <MergeOption key={it.id} incident={it} />)}
      </Select>
    </Dialog>
  );
}

function MergeOption({ incident: it }: { incident: Incident }) {
  const { t } = useTranslation();
  const person = usePerson(it.subject);
  return <option value={it.id}>{[t(`kind.${it.kind}`), person?.name ?? it.subject, person?.address, it.id].filter(Boolean).join(" · ")}</option>;
}

export function WithdrawDialog({ incident, assignment, onLeave }: Props & { assignment: Assignment }) {
  const { t } = useTranslation();
  const name = responderNamed(board.get(), assignment.responder)?.name ?? assignment.responder;
  const agree = async () => {
    if (await acts.withdraw(incident.id, assignment.offer)) onLeave();
  };
  return <Dialog title={t("ask.withdraw", { name })} hint={t("ask.withdraw_hint")} agree={t("act.withdraw")} onAgree={() => void agree()} onLeave={onLeave} />;
}

export function ConfirmDialog({ incident, task, onLeave }: Props & { task: Task }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const agree = async () => {
    if (await acts.confirmTask(incident.id, task.task, text.trim())) onLeave();
  };
  return (
    <Dialog title={t("ask.confirm", { task: t(`rung.${task.rung}`) })} hint={t("ask.confirm_hint")} agree={t("act.confirm")} onAgree={() => void agree()} onLeave={onLeave}>
      <Input label={t("note")} autoFocus value={text} onChange={(e) => setText(e.target.value)} />
    </Dialog>
  );
}

export function RadioDialog({ incident, onLeave }: Props) {
  const { t } = useTranslation();
  const underWay = incident.assignments.filter((it) => ["accepted", "en_route", "at_door", "inside"].includes(it.state));
  const [responder, setResponder] = useState(underWay[0]?.responder ?? "");
  const [state, setState] = useState("en_route");
  const agree = async () => {
    if (await acts.radio(responder, incident.id, state)) onLeave();
  };
  return (
    <Dialog title={t("act.radio")} agree={t("save")} disabled={!responder} onAgree={() => void agree()} onLeave={onLeave}>
      {underWay.length === 0 && <p>{t("radio_nobody")}</p>}
      <Select label={t("responders")} autoFocus value={responder} onChange={(e) => setResponder(e.target.value)}>
        {underWay.map((it) => <option key={it.offer} value={it.responder}>{responderNamed(board.get(), it.responder)?.name ?? it.responder}</option>)}
      </Select>
      <Select label={t("state")} value={state} onChange={(e) => setState(e.target.value)}>
        {["en_route", "at_door", "inside", "clear"].map((it) => <option key={it} value={it}>{t(`who.${it}`)}</option>)}
      </Select>
    </Dialog>
  );
}
