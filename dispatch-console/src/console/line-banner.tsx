// A lost feed is said loudly and at once, with the age of what is on the screen.

import { useTranslation } from "react-i18next";
import { useNow } from "../ui/time";
import { useBoard } from "./session";

export function LineBanner() {
  const { t } = useTranslation();
  const now = useNow();
  const line = useBoard((it) => it.line);
  const skew = useBoard((it) => it.skewMs);
  const stale = useBoard((it) => Object.values(it.districts).some((each) => each.stale || each.gap));
  const unready = useBoard((it) => it.unready);
  if (line.lostAt === null) {
    const codes = Object.keys(unready);
    if (codes.length > 0) {
      return (
        <p role="alert" title={Object.values(unready).join("\n")} className="bg-u1 px-4 py-2 text-center text-lg font-semibold text-u1-ink">
          {t("line_unready", { districts: codes.join(", ") })}
        </p>
      );
    }
    return stale ? <p role="alert" className="bg-raised px-4 py-2 text-center text-u2-text">{t("line_stale")}</p> : null;
  }
  const s = Math.max(0, Math.round((now - skew - (line.heardAt ?? line.lostAt)) / 1000));
  return (
    <div role="alert" className="flex justify-center gap-4 bg-u1 px-4 py-2 text-lg font-semibold text-u1-ink">
      <span>{t("line_lost", { s })}</span>
      <span>{t("line_lost_hint")}</span>
    </div>
  );
}
