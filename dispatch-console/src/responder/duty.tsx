// On and off duty, and how this phone is reached.

import { useTranslation } from "react-i18next";
import { LanguageButton, ThemeButton } from "../ui/brand";
import { Button } from "../ui/button";
import { allowAlert } from "./alert";
import { Channels } from "./channels";
import { Big, Block, Frame } from "./frame";
import { usePositionState } from "./position";
import { leave, tellLink, usePhone } from "./session";

export function DutyScreen() {
  const { t } = useTranslation();
  const duty = usePhone((it) => it.duty);
  const up = usePhone((it) => it.up);
  const position = usePositionState();
  const turn = (on: boolean) => {
    allowAlert();
    tellLink({ duty: { on } });
  };
  const shared = t(!duty ? "position_not_shared" : position === "blocked" ? "position_blocked" : "position_shared");
  return (
    <Frame
      status={`${t(duty ? "on_duty" : "off_duty")} · ${shared}`}
      foot={
        <>
          {duty ? <Big disabled={!up} onClick={() => turn(false)}>{t("go_off_duty")}</Big> : <Big look="go" disabled={!up} onClick={() => turn(true)}>{t("go_on_duty")}</Big>}
          <div className="flex flex-wrap justify-center gap-1">
            <LanguageButton />
            <ThemeButton />
            <Button weight="quiet" onClick={() => void leave()}>{t("sign_out")}</Button>
          </div>
        </>
      }
    >
      <div className="grid flex-1 shrink place-content-center gap-2 text-center">
        <h1 className="text-4xl font-semibold text-bright">{t(duty ? "waiting_for_offers" : "off_duty")}</h1>
        <p className="text-lg text-dim">{t(duty ? "waiting_hint" : "off_duty_hint")}</p>
      </div>
      <Block word={shared}>
        <span className="text-base text-ink">{t("position_note")}</span>
      </Block>
      <Channels />
    </Frame>
  );
}
