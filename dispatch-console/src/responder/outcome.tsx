import { useState } from "react";
import { useTranslation } from "react-i18next";
import { TextArea } from "../ui/field";
import { toast } from "../ui/toasts";
import { Big, Frame } from "./frame";
import { phone, say } from "./session";

/** After the last step: what was found, joined to the incident as a note. */
export function OutcomeScreen({ incident }: { incident: string }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const finish = () => phone.tell({ type: "finished_told" });
  const send = () => {
    say(({ key }) => ({ outcome: { incident, text: text.trim(), key } }));
    toast(t("outcome_thanks"));
    finish();
  };
  return (
    <Frame
      status={`${t("step.inside")} → ${t("clock.clear")} ${incident}`}
      foot={
        <>
          <Big look="go" disabled={!text.trim()} onClick={send}>{t("outcome_send")}</Big>
          <Big look="quiet" onClick={finish}>{t("outcome_skip")}</Big>
        </>
      }
    >
      <h1 className="text-2xl font-bold text-bright">{t("outcome_title")}</h1>
      <TextArea label={t("outcome_hint")} rows={6} value={text} onChange={(e) => setText(e.target.value)} />
    </Frame>
  );
}
