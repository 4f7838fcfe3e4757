// What every screen of the phone has: how things are at the top, what can be done within reach of a thumb.

import type { ButtonHTMLAttributes, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNow } from "../ui/time";
import { usePhone } from "./session";

export function Frame({ status, children, foot }: { status: string; children: ReactNode; foot: ReactNode }) {
  return (
    <main className="mx-auto flex h-full max-w-[520px] flex-col px-4 pt-3 pb-[max(16px,env(safe-area-inset-bottom))]">
      <Status status={status} />
      <div tabIndex={0} className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto py-2 -outline-offset-2 *:shrink-0 [@media(max-height:640px)]:gap-2">{children}</div>
      <div className="grid gap-3">{foot}</div>
    </main>
  );
}

function Status({ status }: { status: string }) {
  const { t } = useTranslation();
  const now = useNow();
  const up = usePhone((it) => it.up);
  const unsent = usePhone((it) => it.outbox.length);
  return (
    <header className="shrink-0 text-dim">
      <div className="flex items-center gap-2">
        <span aria-hidden="true" className={`size-2.5 shrink-0 rounded-2xl ${up ? "bg-safe" : "border-2 border-u1"}`} />
        <span className="min-w-0 flex-1 truncate">
          {status} · {t(up ? "online" : "offline")}
        </span>
        <time>{new Date(now).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}</time>
      </div>
      <p role="status" className="text-u2-text">{unsent > 0 ? t("unsent", { n: unsent }) : ""}</p>
    </header>
  );
}

const LOOKS = {
  go: "bg-safe text-safe-ink border-safe text-2xl font-bold min-h-[clamp(60px,10vh,84px)]",
  plain: "border-edge text-ink text-lg font-semibold min-h-14",
  quiet: "border-transparent text-dim min-h-12",
};

/** A button for a glove. */
export function Big({ look = "plain", className = "", ...rest }: { look?: keyof typeof LOOKS } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return <button type="button" className={`w-full rounded-2xl border px-4 disabled:opacity-60 ${LOOKS[look]} ${className}`} {...rest} />;
}

export function Block({ word, children, loud = false }: { word: string; children: ReactNode; loud?: boolean }) {
  return (
    <section aria-label={word} className={`rounded-2xl border bg-pane px-4 py-2.5 [@media(max-height:640px)]:py-1.5 ${loud ? "border-u2" : "border-line"}`}>
      <p className={loud ? "text-u2-text" : "text-dim"}>{word}</p>
      <div className="text-lg break-words text-bright">{children}</div>
    </section>
  );
}
