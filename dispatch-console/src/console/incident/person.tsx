// The person at risk: conditions, how to get in, whom to ring. Read when an incident is opened, and audited as such.

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { dossier, type Contact, type Dossier } from "../../api/people";
import type { Incident } from "../../state/types";
import { Card, Quiet, Tag } from "../../ui/panel";
import { dateAndClock } from "../../ui/time";

export function useDossier(subject: string | null): { dossier: Dossier | null; failed: boolean } {
  const asked = useQuery({ queryKey: ["dossier", subject], queryFn: () => dossier(subject as string), enabled: subject !== null, staleTime: 60_000 });
  return { dossier: asked.data ?? null, failed: asked.isError };
}

/** The newest; the registry has the rest. */
const EARLIER_SHOWN = 3;

export function PersonCard({ incident }: { incident: Incident }) {
  const { t } = useTranslation();
  const { dossier: it, failed } = useDossier(incident.subject);
  if (!incident.subject) return null;
  if (!it) return <Card title={t("subject")}><Quiet>{failed ? t("person_hidden") : t("loading")}</Quiet></Card>;
  const earlier = it.incidents.filter((each) => each.id !== incident.id);
  return (
    <Card title={`${t("subject")} · ${it.subject.name}`}>
      <dl className="grid gap-2">
        <Line word={t("conditions")}>{list(it.subject.conditions, (each) => t(`condition.${each}`))}</Line>
        <Line word={t("access")}><span className="text-bright">{it.subject.access ?? t("none")}</span></Line>
        <Line word={t("contacts")} wide>
          <ul className="grid grid-cols-[minmax(0,1fr)] gap-1">
            {it.subject.phones.map((phone) => <Phone key={phone} name={it.subject.name} phone={phone} word="" />)}
            {it.subject.contact.map((each) => <Phone key={each.phone} name={each.name} phone={each.phone} word={about(each, t)} />)}
          </ul>
        </Line>
        <Line word={t("history")} wide>
          <ul>
            {earlier.length === 0 && <li className="text-dim">{t("none")}</li>}
            {earlier.slice(0, EARLIER_SHOWN).map((each) => (
              <li key={each.id} className="text-dim">
                {dateAndClock(each.opened_at)} · {t(`kind.${each.kind}`)} · {each.disposition ? t(`disposition.${each.disposition}`) : t("stage.waiting")}
              </li>
            ))}
          </ul>
        </Line>
      </dl>
    </Card>
  );
}

function about(it: Contact, t: (key: string) => string): string {
  return [it.relation ? t(`relation.${it.relation}`) : "", it.keyholder ? t("keyholder") : ""].filter(Boolean).join(" · ");
}

function list(items: string[] | undefined, word: (item: string) => string) {
  return <span className="flex flex-wrap gap-1.5">{(items ?? []).map((it) => <Tag key={it}>{word(it)}</Tag>)}</span>;
}

function Line({ word, wide = false, children }: { word: string; wide?: boolean; children: React.ReactNode }) {
  return (
    <div className={wide ? "" : "grid grid-cols-[72px_minmax(0,1fr)] gap-2"}>
      <dt className="text-dim">{word}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Phone({ name, phone, word }: { name: string; phone: string; word: string }) {
  const { t } = useTranslation();
  return (
    <li className="flex flex-wrap items-center gap-x-2">
      <span className="min-w-0 flex-1">
        {name} <span className="text-dim">{word}</span>
      </span>
      <a href={`tel:${phone}`} aria-label={`${t("call_out")} ${name}`} className="rounded-md border border-line px-2 py-0.5 whitespace-nowrap hover:border-edge">
        {phone}
      </a>
    </li>
  );
}
