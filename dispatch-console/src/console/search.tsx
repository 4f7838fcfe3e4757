// Search from anywhere: a name, initials, the end of a telephone number, part of an address, an id.

import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Kbd } from "../ui/kbd";
import { go } from "./place";
import { useSearch } from "./use-search";

interface Hit {
  key: string;
  group: string;
  text: string;
  more: string;
  open: () => void;
}

export function SearchBox({ focus }: { focus: number }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [open, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const { found, failed } = useSearch(text);
  useEffect(() => {
    if (focus > 0) input.current?.focus();
  }, [focus]);

  const hits: Hit[] = found
    ? [
        ...found.subjects.map((it) => ({ key: it.id, group: "found.subjects", text: it.name, more: it.address, open: () => go("registry", `subjects:${it.id}`) })),
        ...found.incidents.map((it) => ({ key: it.id, group: "found.incidents", text: `${it.id} · ${t(`kind.${it.kind}`)}`, more: t(it.state === "open" ? "count_open" : "stage.closed"), open: () => go("board", it.id) })),
        ...found.responders.map((it) => ({ key: it.id, group: "found.responders", text: it.name, more: t(`tier.${it.tier}`), open: () => go("registry", `responders:${it.id}`) })),
      ]
    : [];
  const choose = (hit: Hit | undefined) => {
    if (!hit) return;
    hit.open();
    setText("");
    setOpen(false);
    input.current?.blur();
  };
  const press = (key: string): boolean => {
    if (key === "ArrowDown") setAt((it) => Math.min(hits.length - 1, it + 1));
    else if (key === "ArrowUp") setAt((it) => Math.max(0, it - 1));
    else if (key === "Enter") choose(hits[at]);
    else if (key === "Escape") input.current?.blur();
    else return false;
    return true;
  };
  const listed = open && text.trim() !== "";
  return (
    <div className="relative ml-2 w-[300px] min-w-0 shrink">
      <input
        ref={input}
        role="combobox"
        aria-label={t("search")}
        aria-expanded={listed}
        aria-controls="found"
        aria-activedescendant={listed && hits[at] ? `found-${hits[at].key}` : undefined}
        autoComplete="off"
        placeholder={t("search_hint")}
        value={text}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onChange={(e) => {
          setText(e.target.value);
          setAt(0);
        }}
        onKeyDown={(e) => press(e.key) && e.preventDefault()}
        className="h-8 w-full rounded-md border border-line bg-ground pr-8 pl-3"
      />
      <span className="absolute top-1 right-1.5"><Kbd>/</Kbd></span>
      {listed && (
        <div className="absolute top-9 z-30 w-[420px] overflow-hidden rounded-lg border border-edge bg-raised">
          {hits.length === 0 && <p className="px-3 py-2 text-dim">{t(failed ? "not_available" : found ? "search_nothing" : "loading")}</p>}
          <ul id="found" role="listbox" aria-label={t("search")} className="max-h-[60vh] overflow-y-auto">
            {hits.map((it, i) => (
              <li
                key={`${it.group}${it.key}`}
                id={`found-${it.key}`}
                role="option"
                aria-selected={i === at}
                onPointerDown={(e) => {
                  e.preventDefault();
                  choose(it);
                }}
                className="flex items-baseline gap-3 px-3 py-1.5 aria-selected:bg-chosen"
              >
                <span className="w-14 shrink-0 text-dim">{t(it.group)}</span>
                <b className="shrink-0 text-bright">{it.text}</b>
                <span className="truncate text-dim">{it.more}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
