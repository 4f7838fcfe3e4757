// The queue: strictly by urgency, then by what is due next. Thousands of rows are held by drawing those in sight.

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { queue } from "../../state/queue";
import { useKeys } from "../../ui/keys";
import { Quiet } from "../../ui/panel";
import { useNow } from "../../ui/time";
import { go, usePlace } from "../place";
import { useBoard, board } from "../session";
import { Filters, NO_FILTER, passes } from "./filters";
import { QueueRow } from "./row";

/** A row's height, in px. */
const ROW_PX = 94;

export function QueuePane() {
  const { t } = useTranslation();
  const districts = useBoard((it) => it.districts);
  const me = useBoard((it) => it.me?.name ?? "");
  const now = useNow();
  const { view, id } = usePlace();
  const [filter, setFilter] = useState(NO_FILTER);
  const all = useMemo(() => queue(board.get(), now), [districts, now]);
  const shown = useMemo(() => all.filter((it) => passes(it, filter, me)), [all, filter, me]);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: shown.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_PX, overscan: 6, getItemKey: (i) => shown[i]?.id ?? i });

  const chosen = view === "board" ? shown.findIndex((it) => it.id === id) : -1;
  const step = (by: number) => {
    const next = shown[chosen < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, chosen + by))];
    if (next) go("board", next.id);
  };
  useKeys({ j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1), m: () => setFilter((it) => ({ ...it, mine: !it.mine })) });
  useEffect(() => {
    if (chosen >= 0) rows.scrollToIndex(chosen);
    // Only when another one is chosen: a row that moves up must not drag the list along.
  }, [id]);

  return (
    <section aria-label={t("queue")} className="grid min-h-0 grid-rows-[auto_minmax(0,1fr)] border-r border-line bg-pane">
      <Filters filter={filter} change={setFilter} open={all.length} mine={all.filter((it) => it.owner === me).length} />
      <div ref={scroller} id="queue" tabIndex={0} className="overflow-y-auto -outline-offset-2">
        {shown.length === 0 && <Quiet>{t(all.length === 0 ? "none_open" : "none_match")}</Quiet>}
        <ul className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((it) => {
            const incident = shown[it.index];
            if (!incident) return null;
            return (
              <li key={it.key} className="absolute inset-x-0" style={{ top: it.start, height: ROW_PX }}>
                <QueueRow incident={incident} chosen={it.index === chosen} />
              </li>
            );
          })}
        </ul>
      </div>
    </section>
  );
}
