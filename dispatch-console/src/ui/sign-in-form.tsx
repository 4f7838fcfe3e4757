// Name and secret: the same form for the console, its lock and the responder's app.

import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as api from "../api/client";
import { Refused } from "../api/http";
import { Button } from "./button";
import { Input } from "./field";

interface Props {
  /** Fixed where a locked page asks again. */
  name?: string;
  agree: string;
  refusal?: string | null;
  onSignedIn: (account: api.Account) => void;
}

export function SignInForm({ name: fixed, agree, refusal = null, onSignedIn }: Props) {
  const { t } = useTranslation();
  const [name, setName] = useState(fixed ?? "");
  const [secret, setSecret] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit() {
    setBusy(true);
    setFault(null);
    try {
      onSignedIn(await api.signIn(name.trim(), secret.trim()));
    } catch (why) {
      setFault(t(whyNot(why)));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {!fixed && <Input label={t("account")} name="username" autoComplete="username" autoFocus required value={name} onChange={(e) => setName(e.target.value)} />}
      <Input label={t("secret")} name="password" type="password" autoComplete="current-password" autoFocus={Boolean(fixed)} required value={secret} onChange={(e) => setSecret(e.target.value)} />
      {(fault ?? refusal) && (
        <p role="alert" className="text-u1-text">
          {fault ?? refusal}
        </p>
      )}
      <Button type="submit" weight="solid" disabled={busy} className="min-h-11">
        {agree}
      </Button>
    </form>
  );
}

function whyNot(why: unknown): string {
  if (!(why instanceof Refused)) return "no_service";
  if (why.status === 429) return "slow_down";
  return why.status === 401 ? "wrong_secret" : "no_service";
}
