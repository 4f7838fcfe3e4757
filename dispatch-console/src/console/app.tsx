// The page: who is signed in decides what is there.

import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import * as api from "../api/client";
import { Quiet } from "../ui/panel";
import { Toasts } from "../ui/toasts";
import { Desk } from "./desk";
import { begin, hasBoard, leave, useBoard } from "./session";
import { SignIn } from "./sign-in";
import { Wall } from "./wall";

type Known = "asking" | "nobody" | "no_board" | "somebody";

export function App() {
  const { t } = useTranslation();
  const me = useBoard((it) => it.me);
  const [known, setKnown] = useState<Known>("asking");

  const welcome = (account: api.Account) => {
    if (hasBoard(account)) begin(account);
    setKnown(hasBoard(account) ? "somebody" : "no_board");
  };
  useEffect(() => {
    api.me().then(welcome, () => setKnown("nobody"));
  }, []);

  if (me) return <>{location.pathname === "/wall" ? <Wall /> : <Desk />}<Toasts /></>;
  if (known === "asking") return <main><Quiet>{t("loading")}</Quiet></main>;
  return (
    <SignIn
      refusal={known === "no_board" ? t("no_board") : null}
      onSignedIn={(account) => {
        if (!hasBoard(account)) void leave();
        welcome(account);
      }}
    />
  );
}
