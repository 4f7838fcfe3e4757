// A time that runs out, and the thin bar that empties with it.

import { useTranslation } from "react-i18next";
import type { Due } from "../state/queue";
import { span } from "./time";
import { urgencyBar, urgencyText } from "./urgency";

export function Countdown({ due, urgency, now }: { due: Due | null; urgency: number; now: number }) {
  const { t } = useTranslation();
  if (!due) return <span className="text-right text-safe-text">{t("due.reached")}</span>;
  const left = due.at - now;
  return (
    <span className="text-right leading-tight">
      <span className={`block text-lg font-semibold ${urgencyText(left < 0 ? 1 : urgency)}`}>
        {left < 0 ? `+${span(left)}` : span(left)}
      </span>
      <span className="text-dim">{left < 0 ? t("overdue") : t(`due.${due.what}`)}</span>
    </span>
  );
}

export function Bar({ due, urgency, now }: { due: Due | null; urgency: number; now: number }) {
  const part = due ? Math.min(1, Math.max(0, (due.at - now) / Math.max(1, due.at - due.from))) : 1;
  const overdue = due !== null && due.at < now;
  return (
    <span aria-hidden="true" className="block h-[3px] overflow-hidden rounded-sm bg-line">
      <span
        className={`block h-full origin-left transition-transform duration-1000 ease-linear ${overdue ? "bg-u1" : due ? urgencyBar(urgency) : "bg-safe"}`}
        style={{ transform: `scaleX(${overdue ? 1 : part})` }}
      />
    </span>
  );
}
