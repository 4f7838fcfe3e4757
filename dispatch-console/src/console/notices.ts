// For a console that is behind another window: the title counts what nobody owns, and the browser says what is new.

import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { counts, queue } from "../state/queue";
import { board, useBoard } from "./session";

export function useNotices(): void {
  const { t } = useTranslation();
  const unowned = useBoard((it) => counts(it, 0).unowned);
  const told = useRef<Set<string> | null>(null);
  useEffect(() => {
    document.title = unowned > 0 ? `(${unowned}) 潮安 TIDEWATCH` : "潮安 TIDEWATCH";
    const open = queue(board.get(), 0);
    const fresh = open.filter((it) => !it.owner && told.current !== null && !told.current.has(it.id));
    told.current = new Set(open.map((it) => it.id));
    if (document.visibilityState !== "hidden" || !("Notification" in window) || Notification.permission !== "granted") return;
    for (const it of fresh) {
      const title = t("notification.title", { kind: t(`kind.${it.kind}`), urgency: it.urgency });
      const notice = new Notification(title, { body: it.id, tag: it.id });
      notice.onclick = () => window.focus();
    }
  }, [unowned, t]);
}
