// The responder's app: an offer covers everything, an assignment covers duty.

import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import * as api from "../api/client";
import { Refused } from "../api/http";
import { shownAssignment } from "../state/phone";
import { Quiet } from "../ui/panel";
import { SignInForm } from "../ui/sign-in-form";
import { Toasts } from "../ui/toasts";
import { Brand, LanguageButton, ThemeButton } from "../ui/brand";
import { AssignmentScreen } from "./assignment";
import { DutyScreen } from "./duty";
import { Notices } from "./notices";
import { OfferScreen } from "./offer";
import { OutcomeScreen } from "./outcome";
import { usePosition } from "./position";
import { askForPush } from "./push";
import { begin, lastAccount, usePhone } from "./session";

type Who = "asking" | "nobody" | "somebody" | "other_role";

export function App() {
  const { t } = useTranslation();
  const [who, setWho] = useState<Who>("asking");
  const welcome = (account: api.Account) => {
    const mine = account.role === "responder";
    if (mine) begin(account.name);
    setWho(mine ? "somebody" : "other_role");
  };
  useEffect(() => {
    api.me().then(welcome, (why: unknown) => {
      const last = lastAccount();
      // Without a line the phone opens as it was.
      if (!(why instanceof Refused) && last) {
        begin(last);
        setWho("somebody");
      } else setWho("nobody");
    });
    const gone = () => setWho("nobody");
    window.addEventListener("signed-out", gone);
    return () => window.removeEventListener("signed-out", gone);
  }, []);
  if (who === "asking") return <main><Quiet>{t("loading")}</Quiet></main>;
  if (who !== "somebody") return <SignIn refusal={who === "other_role" ? t("no_board") : null} onSignedIn={(account) => { askForPush(); welcome(account); }} />;
  return (
    <>
      <Screens />
      <Notices />
      <Toasts at="head" />
    </>
  );
}

function Screens() {
  const offer = usePhone((it) => it.offers[0]);
  const known = usePhone((it) => it);
  const assignment = shownAssignment(known);
  usePosition(known.duty || assignment !== null);
  if (offer) return <OfferScreen key={offer.offer} offer={offer} />;
  if (assignment) return <AssignmentScreen assignment={assignment} />;
  if (known.finished) return <OutcomeScreen incident={known.finished} />;
  return <DutyScreen />;
}

function SignIn({ refusal, onSignedIn }: { refusal: string | null; onSignedIn: (account: api.Account) => void }) {
  const { t } = useTranslation();
  return (
    <main className="grid h-full content-center gap-6 overflow-y-auto p-5">
      <header>
        <Brand />
        <h1 className="text-2xl font-semibold text-bright">{t("app_title")}</h1>
      </header>
      <SignInForm agree={t("sign_in")} refusal={refusal} onSignedIn={onSignedIn} />
      <footer className="flex gap-2">
        <LanguageButton />
        <ThemeButton />
      </footer>
    </main>
  );
}
