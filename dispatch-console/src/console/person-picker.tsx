import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Person } from "../api/people";
import { Button } from "../ui/button";
import { Input } from "../ui/field";
import { usePerson } from "../api/persons";
import { useSearch } from "./use-search";

/** A person found by name, initials, phone or address. */
export function PersonPicker({ chosen, choose, autoFocus = false }: { chosen: string | null; choose: (it: Person | null) => void; autoFocus?: boolean }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const { found, failed } = useSearch(text);
  const person = usePerson(chosen);
  if (chosen) {
    return (
      <p className="flex items-center justify-between gap-2">
        <span>
          <b className="text-bright">{person?.name ?? chosen}</b> <span className="text-dim">{person?.address}</span>
        </span>
        <Button onClick={() => choose(null)}>{t("remove")}</Button>
      </p>
    );
  }
  return (
    <div className="grid gap-1">
      <Input label={t("find_subject")} autoFocus={autoFocus} placeholder={t("search_hint")} value={text} onChange={(e) => setText(e.target.value)} />
      {failed && <p className="text-dim">{t("not_available")}</p>}
      <ul className="grid">
        {found?.subjects.slice(0, 5).map((it) => (
          <li key={it.id}>
            <Button weight="quiet" className="w-full !justify-start" onClick={() => choose(it)}>
              <b className="text-bright">{it.name}</b>
              <span className="truncate">{it.address}</span>
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
