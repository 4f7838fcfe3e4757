// How this phone is reached when it is in a pocket: which channels work, with a test for each.

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { channels, confirmChannel, testChannel, type Channel } from "../api/channels";
import { Refused } from "../api/http";
import { Button } from "../ui/button";
import { Input } from "../ui/field";
import { toast } from "../ui/toasts";
import { canPush, subscribe } from "./push";

/** What arrived in a message or a call is typed by hand; a push confirms itself. */
const TYPED = ["sms", "voice"];

export function Channels() {
  const { t } = useTranslation();
  const asked = useQuery({ queryKey: ["channels"], queryFn: channels });
  const [awaited, setAwaited] = useState<string | null>(null);
  const again = () => void asked.refetch();
  useEffect(() => {
    navigator.serviceWorker?.addEventListener("message", again);
    return () => navigator.serviceWorker?.removeEventListener("message", again);
  }, []);
  if (!asked.data) return null;
  const attempt = (what: Promise<unknown>, then: () => void = again) =>
    void what.then(then, (why: unknown) => toast(t(why instanceof Refused ? `code.${why.code}` : "not_available", { defaultValue: t("not_available") }), { bad: true }));
  const test = (it: Channel) => attempt(testChannel(it.channel), () => (TYPED.includes(it.channel) ? setAwaited(it.channel) : again()));
  return (
    <section aria-label={t("channels")} className="rounded-2xl border border-line bg-pane px-4 py-3">
      <h2 className="text-dim">{t("channels")}</h2>
      <ul>
        {/* A channel that this service does not have is no promise to anybody. */}
        {asked.data.filter((it) => it.available).map((it) => (
          <li key={it.channel} data-channel={it.channel}>
            <div className="flex min-h-12 items-center gap-3">
              <b className="flex-1">{t(`channel.${it.channel}`)}</b>
              <span className={it.confirmed ? "text-safe-text" : "text-dim"}>{t(it.confirmed ? "channel_ok" : "channel_unconfirmed")}</span>
              {it.channel === "push" && !it.confirmed && canPush() && <Button className="min-h-11" onClick={() => attempt(subscribe())}>{t("channel_allow")}</Button>}
              {it.channel !== "link" && <Button className="min-h-11" onClick={() => test(it)}>{t("channel_test")}</Button>}
            </div>
            {awaited === it.channel && <Code confirm={(code) => attempt(confirmChannel(code), () => { setAwaited(null); again(); })} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Code({ confirm }: { confirm: (code: string) => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  return (
    <form
      className="flex items-end gap-2 pb-2"
      onSubmit={(event) => {
        event.preventDefault();
        confirm(code.trim());
      }}
    >
      <div className="flex-1">
        <Input label={t("channel_code")} inputMode="numeric" autoComplete="one-time-code" required value={code} onChange={(e) => setCode(e.target.value)} />
      </div>
      <Button type="submit" weight="solid" className="min-h-11">{t("scan_send")}</Button>
    </form>
  );
}
