// A console that nobody touches locks itself. The feed and the sound behind it go on.

import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { SignInForm } from "../ui/sign-in-form";
import { Brand } from "../ui/brand";
import { leave } from "./session";
import { Button } from "../ui/button";

/** A quarter of an hour: longer than a long call, shorter than a meal. */
const IDLE_MS = 15 * 60_000;

export function useIdleLock(): [boolean, (locked: boolean) => void] {
  const [locked, setLocked] = useState(false);
  useEffect(() => {
    let timer = setTimeout(() => setLocked(true), IDLE_MS);
    const touched = () => {
      clearTimeout(timer);
      timer = setTimeout(() => setLocked(true), IDLE_MS);
    };
    const signs = ["keydown", "pointerdown", "wheel"] as const;
    signs.forEach((it) => document.addEventListener(it, touched, { passive: true }));
    return () => {
      clearTimeout(timer);
      signs.forEach((it) => document.removeEventListener(it, touched));
    };
  }, []);
  return [locked, setLocked];
}

export function Locked({ name, onUnlocked }: { name: string; onUnlocked: () => void }) {
  const { t } = useTranslation();
  return (
    <main className="grid h-full place-items-center p-4">
      <div className="grid w-full max-w-[380px] gap-5 rounded-lg border border-line bg-pane p-8">
        <header className="grid gap-1">
          <Brand />
          <h1 className="text-2xl font-semibold text-bright">
            {t("locked")} · {name}
          </h1>
          <p className="text-dim">{t("locked_hint")}</p>
        </header>
        <SignInForm name={name} agree={t("unlock")} onSignedIn={onUnlocked} />
        <Button weight="quiet" onClick={() => void leave()}>
          {t("sign_out")}
        </Button>
      </div>
    </main>
  );
}
