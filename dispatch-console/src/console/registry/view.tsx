// The registry: find somebody or something, look at it, change it.

import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Table } from "../../api/registry";
import { Button } from "../../ui/button";
import { Input } from "../../ui/field";
import { Card, Quiet } from "../../ui/panel";
import { Page } from "../page";
import { go } from "../place";
import { useBoard } from "../session";
import { useSearch } from "../use-search";
import { ImportDialog } from "./import-dialog";
import { RowForm } from "./row-form";
import { TABLES } from "./fields";

/** `subjects:S-1`, or `subjects:` for a new one. */
function read(id: string | null): { table: Table; id: string } | null {
  const [table, ...rest] = (id ?? "").split(":");
  const known = TABLES.find((it) => it === table);
  return known ? { table: known, id: rest.join(":") } : null;
}

export function RegistryView({ id }: { id: string | null }) {
  const { t } = useTranslation();
  const supervisor = useBoard((it) => it.me?.role === "supervisor");
  const [importing, setImporting] = useState(false);
  const open = read(id);
  return (
    <Page title={t("registry")} aside={supervisor && <Button onClick={() => setImporting(true)}>{t("registry_import")}</Button>}>
      <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] items-start gap-4">
        <Finder supervisor={supervisor} />
        {open ? <RowForm key={id} table={open.table} id={open.id} mayChange={supervisor} /> : <Card title={t("registry")}><Quiet>{t("registry_find")}</Quiet></Card>}
      </div>
      {importing && <ImportDialog onLeave={() => setImporting(false)} />}
    </Page>
  );
}

function Finder({ supervisor }: { supervisor: boolean }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [table, setTable] = useState<Table>("subjects");
  const [exact, setExact] = useState("");
  const { found, failed } = useSearch(text);
  const hits = [
    ...(found?.subjects ?? []).map((it) => ({ table: "subjects" as Table, id: it.id, name: it.name, more: it.address })),
    ...(found?.responders ?? []).map((it) => ({ table: "responders" as Table, id: it.id, name: it.name, more: t(`tier.${it.tier}`) })),
  ];
  return (
    <Card title={t("search")}>
      <div className="grid gap-3">
        <Input label={t("registry_find")} value={text} onChange={(e) => setText(e.target.value)} />
        {failed && <p className="text-dim">{t("not_available")}</p>}
        <ul className="grid">
          {hits.map((it) => (
            <li key={it.table + it.id}>
              <Button weight="quiet" className="w-full !justify-start" onClick={() => go("registry", `${it.table}:${it.id}`)}>
                <b className="text-bright">{it.name}</b>
                <span className="truncate">{it.more}</span>
              </Button>
            </li>
          ))}
        </ul>
        <form
          className="flex items-end gap-2"
          onSubmit={(e) => {
            e.preventDefault();
            if (exact.trim()) go("registry", `${table}:${exact.trim()}`);
          }}
        >
          <select aria-label={t("registry")} className="h-9 rounded-md border border-edge bg-ground px-2" value={table} onChange={(e) => setTable(e.target.value as Table)}>
            {TABLES.map((it) => <option key={it} value={it}>{t(`table.${it}`)}</option>)}
          </select>
          <Input label={t("field.id")} value={exact} onChange={(e) => setExact(e.target.value)} />
          <Button type="submit" className="min-h-9">{t("registry_open")}</Button>
        </form>
        {supervisor && <Button onClick={() => go("registry", `${table}:`)}>{`${t("registry_new")} · ${t(`table.${table}`)}`}</Button>}
      </div>
    </Card>
  );
}
