import { useTranslation } from "react-i18next";
import type { Incident } from "../../state/types";
import { Button } from "../../ui/button";

export interface Filter {
  mine: boolean;
  unowned: boolean;
  urgency: number | null;
  kind: string;
}

export const NO_FILTER: Filter = { mine: false, unowned: false, urgency: null, kind: "" };

const KINDS = "sos fall smoke gas carbon_monoxide water_leak inactivity wandering vital medical intruder duress no_response unreadable".split(" ");

export function passes(it: Incident, filter: Filter, me: string): boolean {
  if (filter.mine && it.owner !== me) return false;
  if (filter.unowned && it.owner) return false;
  if (filter.urgency !== null && it.urgency !== filter.urgency) return false;
  return !filter.kind || it.kind === filter.kind;
}

export { KINDS };

interface Props {
  filter: Filter;
  change: (filter: Filter) => void;
  open: number;
  mine: number;
}

export function Filters({ filter, change, open, mine }: Props) {
  const { t } = useTranslation();
  const tab = "aria-pressed:bg-chosen aria-pressed:text-bright px-2.5";
  return (
    <div className="flex flex-wrap items-center gap-1 border-b border-line p-2">
      <Button weight="quiet" className={tab} aria-pressed={!filter.mine && !filter.unowned} onClick={() => change({ ...filter, mine: false, unowned: false })}>
        {t("queue")} {open}
      </Button>
      <Button weight="quiet" className={tab} aria-pressed={filter.mine} onClick={() => change({ ...filter, mine: true, unowned: false })}>
        {t("mine")} {mine}
      </Button>
      <Button weight="quiet" className={tab} aria-pressed={filter.unowned} onClick={() => change({ ...filter, mine: false, unowned: true })}>
        {t("filter_unowned")}
      </Button>
      <span className="flex gap-1">
        <select aria-label={t("urgency")} className="h-8 rounded-md border border-line bg-pane px-1 text-dim" value={filter.urgency ?? ""} onChange={(e) => change({ ...filter, urgency: e.target.value ? Number(e.target.value) : null })}>
          <option value="">{t("filter_all_urgencies")}</option>
          {[1, 2, 3, 4, 5].map((n) => <option key={n} value={n}>{t("urgency_n", { n })}</option>)}
        </select>
        <select aria-label={t("kind")} className="h-8 rounded-md border border-line bg-pane px-1 text-dim" value={filter.kind} onChange={(e) => change({ ...filter, kind: e.target.value })}>
          <option value="">{t("filter_all_kinds")}</option>
          {KINDS.map((it) => <option key={it} value={it}>{t(`kind.${it}`)}</option>)}
        </select>
      </span>
    </div>
  );
}
