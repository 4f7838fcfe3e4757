// How to get in: asked of the service when the card is opened, shown while the assignment lasts, kept nowhere.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { access } from "../api/people";
import { Big, Block } from "./frame";

export function AccessBlock({ incident }: { incident: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  // Each reading is on record: it is read once, when it is asked for, and forgotten with the card.
  const asked = useQuery({ queryKey: ["access", incident], queryFn: () => access(incident), enabled: open, staleTime: Infinity, gcTime: 0, refetchOnReconnect: false, refetchOnWindowFocus: false });
  if (!open) return <Big onClick={() => setOpen(true)}>{t("access_show")}</Big>;
  return (
    <Block loud word={t("access_title")}>
      {asked.isPending && t("loading")}
      {asked.isError && t("not_available")}
      {asked.data?.map((it) => (
        <div key={it.id}>
          <p>{it.access ?? t("access_none")}</p>
          {it.keyholders.map((each) => (
            <a key={each.phone} className="block text-base underline" href={`tel:${each.phone}`}>
              {t("keyholder")} {each.name} {each.phone}
            </a>
          ))}
        </div>
      ))}
    </Block>
  );
}
