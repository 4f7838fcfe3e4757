import { useTranslation } from "react-i18next";
import { Kbd } from "../ui/kbd";
import { useNow } from "../ui/time";
import { useBoard } from "./session";

const SHOWN: [string[], string][] = [
  [["J", "K"], "keys.move"],
  [["A"], "act.claim"],
  [["O"], "act.offer"],
  [["/"], "keys.search"],
];

/** The keys that are needed most, and how fresh the page is. */
export function Footer({ openKeys }: { openKeys: () => void }) {
  const { t } = useTranslation();
  return (
    <footer className="flex h-9 items-center gap-5 border-t border-line bg-pane px-4 text-dim">
      {SHOWN.map(([keys, word]) => (
        <span key={word} className="flex items-center gap-1.5">
          {keys.map((it) => <Kbd key={it}>{it}</Kbd>)}
          {t(word)}
        </span>
      ))}
      <button type="button" className="flex items-center gap-1.5 hover:text-ink" onClick={openKeys}>
        <Kbd>?</Kbd>
        {t("keys_title")}
      </button>
      <Freshness />
    </footer>
  );
}

function Freshness() {
  const { t } = useTranslation();
  const now = useNow();
  const heardAt = useBoard((it) => it.line.heardAt);
  const skew = useBoard((it) => it.skewMs);
  if (heardAt === null) return null;
  return <span className="ml-auto">{t("data_age", { s: Math.max(0, Math.round((now - skew - heardAt) / 1000)) })}</span>;
}
