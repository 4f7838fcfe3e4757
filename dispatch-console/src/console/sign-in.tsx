import { useTranslation } from "react-i18next";
import type { Account } from "../api/client";
import { SignInForm } from "../ui/sign-in-form";
import { Brand, LanguageButton, ThemeButton } from "../ui/brand";

export function SignIn({ refusal, onSignedIn }: { refusal: string | null; onSignedIn: (account: Account) => void }) {
  const { t } = useTranslation();
  return (
    <main className="grid h-full place-items-center p-4">
      <div className="grid w-full max-w-[380px] gap-6 rounded-lg border border-line bg-pane p-8">
        <header className="grid gap-1">
          <Brand />
          <h1 className="text-2xl font-semibold text-bright">{t("console_title")}</h1>
          <p className="text-dim">{t("sign_in_hint")}</p>
        </header>
        <SignInForm agree={t("sign_in")} refusal={refusal} onSignedIn={onSignedIn} />
        <footer className="flex gap-2">
          <LanguageButton />
          <ThemeButton />
        </footer>
      </div>
    </main>
  );
}
