import { useTranslation } from "react-i18next";
import type { Contact } from "../../api/people";
import { Button } from "../../ui/button";
import { Check, Input } from "../../ui/field";

/** Whom to ring for somebody, and who has the key. */
export function Contacts({ contacts, change, disabled }: { contacts: Contact[]; change: (contacts: Contact[]) => void; disabled: boolean }) {
  const { t } = useTranslation();
  const put = (at: number, part: Partial<Contact>) => change(contacts.map((it, i) => (i === at ? { ...it, ...part } : it)));
  return (
    <fieldset disabled={disabled} className="col-span-2 grid gap-2 rounded-md border border-line p-3">
      <legend className="px-1 text-dim">{t("contacts")}</legend>
      {contacts.map((it, i) => (
        <div key={i} className="grid grid-cols-[1fr_1fr_1fr_auto_auto] items-end gap-2">
          <Input label={t("field.name")} required value={it.name} onChange={(e) => put(i, { name: e.target.value })} />
          <Input label={t("field.phone")} required value={it.phone} onChange={(e) => put(i, { phone: e.target.value })} />
          <Input label={t("field.relation")} required value={it.relation} onChange={(e) => put(i, { relation: e.target.value })} />
          <Check label={t("field.keyholder")} checked={it.keyholder} onChange={(e) => put(i, { keyholder: e.target.checked })} />
          <Button weight="quiet" onClick={() => change(contacts.filter((_, at) => at !== i))}>{t("remove")}</Button>
        </div>
      ))}
      <Button onClick={() => change([...contacts, { name: "", phone: "", relation: "", keyholder: false }])}>{t("add_contact")}</Button>
    </fieldset>
  );
}
