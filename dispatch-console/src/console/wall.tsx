// The wall: big numbers for the room, read from across it.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { counts, queue } from "../state/queue";
import { clock, span, useNow } from "../ui/time";
import { Urgency } from "../ui/urgency";
import { Brand } from "../ui/brand";
import { LineBanner } from "./line-banner";
import { board, useBoard } from "./session";
import { percent, useKpis } from "./top-bar";

/** They grow with the wall: it is read from across the room. */
const WORD = "text-[clamp(16px,1.5vw,32px)] text-dim";
const NUMBER = "text-[clamp(52px,5.4vw,120px)] leading-none font-semibold";

function Tile({ word, value, hint, loud = false }: { word: string; value: ReactNode; hint?: string; loud?: boolean }) {
  return (
    <div className={`grid grid-rows-[auto_1fr] rounded-lg border bg-pane px-[1.6vw] py-[1.4vw] ${loud ? "border-u1" : "border-line"}`}>
      <dt className={WORD}>{word}</dt>
      <dd className="grid content-center">
        <span className={`${NUMBER} ${loud ? "text-u1-text" : "text-bright"}`}>{value}</span>
        {/* Kept free where there is nothing to say, so that all numbers stand in a line. */}
        <span className={`min-h-[1.5em] ${WORD}`}>{hint}</span>
      </dd>
    </div>
  );
}

export function Wall() {
  const { t } = useTranslation();
  const now = useNow();
  useBoard((it) => it.districts);
  const day = useKpis();
  const open = queue(board.get(), now);
  const { free } = counts(board.get(), now);
  const waiting = open.filter((it) => !it.owner && !it.answered_at).map((it) => now - Date.parse(it.opened_at));
  const oldest = waiting.length > 0 ? Math.max(...waiting) : null;
  const door = (kind: "urban" | "rural") => (day ? percent(day.door[kind].met, day.door[kind].n) : "–");
  return (
    <main className="flex h-full flex-col gap-4 overflow-y-auto p-6">
      <header className="flex items-center gap-6">
        <Brand />
        <h1 className="text-2xl text-dim">{t("wall_title")}</h1>
        <time className="ml-auto text-4xl font-semibold text-bright">{clock(now)}</time>
      </header>
      <LineBanner />
      <dl className="grid min-h-0 flex-1 auto-rows-fr grid-cols-2 gap-4 min-[1100px]:grid-cols-4">
        <div className="col-span-2 grid grid-rows-[auto_1fr] rounded-lg border border-line bg-pane px-[1.6vw] py-[1.4vw]">
          <dt className={WORD}>{t("wall_open")}</dt>
          <dd className="flex flex-wrap items-center gap-x-[5vw] gap-y-2">
            {[1, 2, 3].map((n) => (
              <span key={n} className="flex items-center gap-3">
                <Urgency urgency={n} size="lg" />
                <span className={`${NUMBER} text-bright`}>{open.filter((it) => (n === 3 ? it.urgency >= 3 : it.urgency === n)).length}</span>
              </span>
            ))}
          </dd>
        </div>
        <Tile word={t("wall_oldest")} value={oldest === null ? "–" : span(oldest)} loud={oldest !== null && oldest > 15_000} />
        <Tile word={t("wall_free")} value={free} hint={day ? t("wall_on_duty", { n: day.responders.on_duty }) : ""} loud={free === 0} />
        <Tile word={t("wall_door_urban")} value={door("urban")} hint={day ? `${day.door.urban.met} / ${day.door.urban.n}` : ""} />
        <Tile word={t("wall_door_rural")} value={door("rural")} hint={day ? `${day.door.rural.met} / ${day.door.rural.n}` : ""} />
        <Tile word={t("wall_calls", { s: day?.calls.target_s ?? 15 })} value={day ? percent(day.calls.answered_in_time, day.calls.n) : "–"} hint={day ? `${day.calls.answered_in_time} / ${day.calls.n}` : ""} />
        <Tile word={t("wall_uncovered")} value={day?.uncovered_cells ?? "–"} loud={(day?.uncovered_cells ?? 0) > 0} />
      </dl>
    </main>
  );
}
