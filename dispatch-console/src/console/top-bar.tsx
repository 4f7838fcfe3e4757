// The head of the page: the numbers of the room, the ways to the other views, and the truth about the line.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { kpis, type Kpis } from "../api/figures";
import { devices } from "../api/registry";
import { calls } from "../api/client";
import { counts } from "../state/queue";
import { Button } from "../ui/button";
import { clock, useNow } from "../ui/time";
import { Brand, LanguageButton, ThemeButton } from "../ui/brand";
import type { Sound } from "./desk";
import { go, usePlace, type View } from "./place";
import { board, leave, useBoard } from "./session";

/** Numbers of the day change slowly, in ms. */
const KPIS_EVERY_MS = 15_000;

export function useKpis(): Kpis | null {
  const district = useBoard((it) => it.me?.districts[0] ?? null);
  const asked = useQuery({ queryKey: ["kpis", district], queryFn: () => kpis(district as string), enabled: district !== null, refetchInterval: KPIS_EVERY_MS });
  return asked.data ?? null;
}

export function percent(met: number, n: number): string {
  return n === 0 ? "–" : `${((100 * met) / n).toFixed(1)}%`;
}

function Figure({ value, word, loud = false }: { value: ReactNode; word: string; loud?: boolean }) {
  return (
    <span className="flex items-baseline gap-1.5 whitespace-nowrap">
      <b className={`text-lg ${loud ? "text-u2-text" : "text-bright"}`}>{value}</b>
      <span className="text-dim">{word}</span>
    </span>
  );
}

export function TopBar({ sound, lock, searchBox, openNew }: { sound: Sound; lock: () => void; searchBox: ReactNode; openNew: () => void }) {
  return (
    <header className="border-b border-line bg-pane">
      <div className="flex h-11 items-center gap-5 overflow-hidden px-4">
        <Brand />
        <Figures />
        <span className="ml-auto" />
        <LineState />
        <ServerClock />
      </div>
      <nav className="flex h-10 items-center gap-1 border-t border-line px-3">
        <Views />
        {searchBox}
        <span className="ml-auto" />
        <Switches sound={sound} lock={lock} openNew={openNew} />
      </nav>
    </header>
  );
}

function Figures() {
  const { t } = useTranslation();
  const now = useNow();
  useBoard((it) => it.districts);
  const { open, unowned, free, overdue } = counts(board.get(), now);
  const day = useKpis();
  return (
    <div className="flex min-w-0 items-baseline gap-5 overflow-hidden">
      <Figure value={open} word={t("count_open")} />
      <Figure value={unowned} word={t("count_unowned")} loud={unowned > 0} />
      <Figure value={overdue} word={t("count_overdue")} loud={overdue > 0} />
      <Figure value={free} word={t("count_free")} />
      {day && (
        <>
          <Figure value={percent(day.calls.answered_in_time, day.calls.n)} word={t("count_answered", { s: day.calls.target_s })} />
          <Figure value={percent(day.door.urban.met, day.door.urban.n)} word={t("count_urban", { m: 30 })} />
          <span className="hidden min-[1600px]:contents">
            <Figure value={percent(day.door.rural.met, day.door.rural.n)} word={t("count_rural", { m: 60 })} />
          </span>
          <Figure value={day.uncovered_cells} word={t("count_uncovered")} loud={day.uncovered_cells > 0} />
        </>
      )}
    </div>
  );
}

function LineState() {
  const { t } = useTranslation();
  const up = useBoard((it) => it.line.up);
  const seq = useBoard((it) => Object.values(it.districts)[0]?.seq ?? 0);
  return (
    <span className="flex items-center gap-2 whitespace-nowrap text-dim">
      <span aria-hidden="true" className={`size-2 rounded-2xl ${up ? "bg-safe" : "border-2 border-u1"}`} />
      <span>{up ? t("live") : t("connecting")}</span>
      <span>
        {t("seq")} <span data-testid="seq">{seq}</span>
      </span>
    </span>
  );
}

function ServerClock() {
  const { t } = useTranslation();
  const now = useNow();
  const name = useBoard((it) => it.me?.name ?? "");
  return (
    <span className="flex items-baseline gap-3 whitespace-nowrap">
      <span>{name}</span>
      <time title={t("server_clock")} className="text-lg font-semibold text-bright">
        {clock(now)}
      </time>
    </span>
  );
}

function Views() {
  const { t } = useTranslation();
  const here = usePlace().view;
  const supervisor = useBoard((it) => it.me?.role !== "operator");
  const waiting = useOpenCalls().data ?? [];
  const silent = useSilentDevices().data;
  const views: [View, number][] = [["board", 0], ["hotline", waiting.length], ["devices", silent?.devices.length ?? 0], ["registry", 0]];
  if (supervisor) views.push(["audit", 0]);
  const ringing = waiting.filter((it) => it.state === "ringing").length;
  return views.map(([view, n]) => (
    <Button key={view} weight="quiet" aria-current={here === view ? "page" : undefined} className="aria-[current=page]:bg-chosen aria-[current=page]:text-bright" onClick={() => go(view)}>
      {t(view)}
      {n > 0 && <span className="text-ink">{n}</span>}
      {view === "hotline" && ringing > 0 && <span className="font-semibold text-u2-text">{`${t("call.ringing")} ${ringing}`}</span>}
    </Button>
  ));
}

/** Calls that ring, are talked on, or wait to be called back: read again with each event of a call. */
export function useOpenCalls() {
  const news = useBoard((it) => it.news.calls);
  return useQuery({ queryKey: ["calls", "open", news], queryFn: () => calls("open"), placeholderData: (old) => old });
}

export function useSilentDevices() {
  const news = useBoard((it) => it.news.devices);
  return useQuery({ queryKey: ["devices", "silent", news], queryFn: () => devices("silent"), placeholderData: (old) => old });
}

function Switches({ sound, lock, openNew }: { sound: Sound; lock: () => void; openNew: () => void }) {
  const { t } = useTranslation();
  const canNotify = "Notification" in window && Notification.permission === "default";
  return (
    <>
      <Button weight="quiet" hotkey="I" onClick={openNew}>{t("act.new")}</Button>
      {!sound.allowed && sound.on && <Button onClick={sound.allow}>{t("sound_blocked")}</Button>}
      <Button weight="quiet" aria-pressed={sound.on} onClick={() => sound.turn(!sound.on)}>
        {t(sound.on ? "sound_on" : "sound_off")}
      </Button>
      {canNotify && <Button weight="quiet" onClick={() => void Notification.requestPermission()}>{t("notify_allow")}</Button>}
      <ThemeButton />
      <LanguageButton />
      <Button weight="quiet" onClick={lock}>{t("lock")}</Button>
      <Button weight="quiet" onClick={() => void leave()}>{t("sign_out")}</Button>
    </>
  );
}
