// One row of the registry as a form: what is wrong is said beside its field, and who was quicker is said too.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Contact } from "../../api/people";
import { endRow, putRow, row, type FieldFault, type Row, type Table } from "../../api/registry";
import { Refused } from "../../api/http";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { Input, Select } from "../../ui/field";
import { Card, Quiet, Tag } from "../../ui/panel";
import { toast } from "../../ui/toasts";
import { explain } from "../acts";
import { go } from "../place";
import { Contacts } from "./contacts";
import { FIELDS, meant, typed } from "./fields";

export function RowForm({ table, id, mayChange }: { table: Table; id: string; mayChange: boolean }) {
  const { t } = useTranslation();
  const asked = useQuery({ queryKey: ["row", table, id], queryFn: () => row(table, id), enabled: id !== "", staleTime: 0 });
  if (id === "") return <Form table={table} id="" version={null} value={{}} mayChange={mayChange} again={() => undefined} />;
  if (!asked.data) return <Card title={t(`table.${table}`)}><Quiet>{t(asked.isError ? "not_available" : "loading")}</Quiet></Card>;
  return <Form key={asked.data.version} table={table} id={id} version={asked.data.version} value={asked.data.value} mayChange={mayChange} again={() => void asked.refetch()} />;
}

interface FormOf {
  table: Table;
  id: string;
  version: number | null;
  value: Row;
  mayChange: boolean;
  again: () => void;
}

function Form({ table, id, version, value, mayChange, again }: FormOf) {
  const { t } = useTranslation();
  const [newId, setNewId] = useState("");
  const [texts, setTexts] = useState(() => Object.fromEntries(FIELDS[table].map((it) => [it.name, typed(value[it.name])])));
  const [contacts, setContacts] = useState<Contact[]>((value.contact as Contact[] | undefined) ?? []);
  const [faults, setFaults] = useState<FieldFault[]>([]);
  const [ending, setEnding] = useState(false);
  const faultOf = (name: string) => {
    const found = faults.find((it) => it.field === name);
    return found && t("fault", { found: found.found, expected: found.expected });
  };

  async function save() {
    const given = FIELDS[table].map((it) => [it.name, it.kind === "contacts" ? contacts : meant(it.kind, texts[it.name] ?? "")]);
    const changed: Row = { ...value, ...Object.fromEntries(given), id: id || newId.trim() };
    try {
      await putRow(table, id || newId.trim(), version, changed);
      setFaults([]);
      toast(t("done.saved"));
      if (id) again();
      else go("registry", `${table}:${newId.trim()}`);
    } catch (why) {
      setFaults(why instanceof Refused ? ((why.body.faults as FieldFault[] | undefined) ?? []) : []);
      toast(await explain(why), { bad: true });
    }
  }

  return (
    <Card title={`${t(`table.${table}`)} ${id}`} aside={version !== null && <Tag>{t("registry_version", { n: version })}</Tag>}>
      <form
        className="grid grid-cols-2 gap-3"
        onSubmit={(e) => {
          e.preventDefault();
          void save();
        }}
      >
        {!id && <Input label={t("field.id")} required autoFocus value={newId} fault={faultOf("id")} onChange={(e) => setNewId(e.target.value)} />}
        {FIELDS[table].map((it) => {
          if (it.kind === "contacts") return <Contacts key={it.name} contacts={contacts} change={setContacts} disabled={!mayChange} />;
          const common = { label: t(`field.${it.name}`), fault: faultOf(it.name), value: texts[it.name] ?? "", required: it.needed, disabled: !mayChange };
          const change = (text: string) => setTexts({ ...texts, [it.name]: text });
          if (typeof it.kind !== "string") {
            return (
              <Select key={it.name} {...common} onChange={(e) => change(e.target.value)}>
                <option value="" />
                {it.kind.map((each) => <option key={each} value={each}>{t([`class.${each}`, `tier.${each}`, `travel.${each}`].find((key) => t(key, { defaultValue: "" })) ?? each)}</option>)}
              </Select>
            );
          }
          return <Input key={it.name} {...common} type={it.kind === "date" ? "date" : "text"} inputMode={it.kind === "number" ? "decimal" : undefined} placeholder={it.kind === "list" ? t("field_list_hint") : undefined} onChange={(e) => change(e.target.value)} />;
        })}
        {mayChange && (
          <footer className="col-span-2 flex justify-end gap-2">
            {version !== null && <Button weight="quiet" onClick={() => setEnding(true)}>{t("registry_end")}</Button>}
            <Button type="submit" weight="solid">{t("save")}</Button>
          </footer>
        )}
      </form>
      {ending && version !== null && <Ending table={table} id={id} version={version} onLeave={() => setEnding(false)} />}
    </Card>
  );
}

function Ending({ table, id, version, onLeave }: { table: Table; id: string; version: number; onLeave: () => void }) {
  const { t } = useTranslation();
  const agree = async () => {
    try {
      await endRow(table, id, version);
      toast(t("done.saved"));
      go("registry");
    } catch (why) {
      toast(await explain(why), { bad: true });
      onLeave();
    }
  };
  return <Dialog title={t("ask.end", { id })} hint={t("ask.end_hint")} agree={t("registry_end")} onAgree={() => void agree()} onLeave={onLeave} />;
}
