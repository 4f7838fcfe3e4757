// How this phone is reached when it is in a pocket: which channels work, with a test for each.

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { channels, confirmChannel, testChannel, type Channel } from "../api/coming";
import { Button } from "../ui/button";
import { toast } from "../ui/toasts";
import { canPush, subscribe } from "./push";

export function Channels() {
  const { t } = useTranslation();
  const asked = useQuery({ queryKey: ["channels"], queryFn: channels });
  useEffect(() => {
    const told = ({ data }: MessageEvent<{ pushed?: { token?: string } }>) => {
      if (data.pushed?.token) void confirmChannel(data.pushed.token).then(() => asked.refetch());
    };
    navigator.serviceWorker?.addEventListener("message", told);
    return () => navigator.serviceWorker?.removeEventListener("message", told);
  }, []);
  if (!asked.data) return null;
  const test = (it: Channel) => testChannel(it.channel).then(() => asked.refetch(), () => toast(t("not_available"), { bad: true }));
  const allow = () => subscribe().then(() => asked.refetch(), () => toast(t("not_available"), { bad: true }));
  return (
    <section aria-label={t("channels")} className="rounded-2xl border border-line bg-pane px-4 py-3">
      <h2 className="text-dim">{t("channels")}</h2>
      <ul>
        {asked.data.map((it) => (
          <li key={it.channel} className="flex min-h-11 items-center gap-3">
            <b className="flex-1">{t(`channel.${it.channel}`)}</b>
            <span className={it.confirmed ? "text-safe-text" : "text-dim"}>{t(it.confirmed ? "channel_ok" : "channel_unconfirmed")}</span>
            {it.channel === "push" && !it.confirmed && canPush() && <Button className="min-h-11" onClick={() => void allow()}>{t("channel_allow")}</Button>}
            {it.channel !== "link" && <Button className="min-h-11" onClick={() => void test(it)}>{t("channel_test")}</Button>}
          </li>
        ))}
      </ul>
    </section>
  );
}
