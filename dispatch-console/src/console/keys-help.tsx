import { useTranslation } from "react-i18next";
import { Dialog } from "../ui/dialog";
import { Kbd } from "../ui/kbd";

const ALL: [string, string][] = [
  ["J K", "keys.move"], ["A", "act.claim"], ["O", "act.offer"], ["1…9", "keys.candidate"], ["P", "act.offer_several"],
  ["E", "act.escalate"], ["N", "act.note"], ["R", "act.correct"], ["C", "act.close"], ["G", "act.merge"], ["X", "act.release"],
  ["W", "act.withdraw"], ["T", "act.confirm"], ["D", "act.radio"], ["I", "act.new"], ["U", "keys.undo"], ["M", "keys.mine"],
  ["B", "keys.board"], ["H", "keys.hotline"], ["Y", "keys.emergency"], ["/", "keys.search"], ["?", "keys.help"], ["Esc", "keys.escape"],
];

export function KeysHelp({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t("keys_title")} wide onLeave={onLeave}>
      <dl className="grid grid-cols-2 gap-x-8 gap-y-1.5">
        {ALL.map(([keys, word]) => (
          <div key={word} className="flex items-center justify-between gap-4 border-b border-line py-1">
            <dt>{t(word, { n: 3 })}</dt>
            <dd className="flex gap-1">{keys.split(" ").map((it) => <Kbd key={it}>{it}</Kbd>)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
