import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { audit, type Audited } from "../api/client";
import { Button } from "../ui/button";
import { List, type Column } from "../ui/list";
import { dateAndClock } from "../ui/time";
import { Awaited, Page } from "./page";

/** Who did or tried what, the newest first. */
export function AuditView() {
  const { t } = useTranslation();
  const asked = useQuery({ queryKey: ["audit"], queryFn: audit });
  const columns = useMemo(
    (): Column<Audited>[] => [
      { id: "at", head: t("audit_when"), by: (it) => it.at, cell: (it) => dateAndClock(it.at) },
      { id: "actor", head: t("audit_who"), by: (it) => it.actor, cell: (it) => it.actor },
      { id: "action", head: t("audit_what"), by: (it) => it.action, cell: (it) => it.action.replaceAll("_", " ") },
      { id: "on", head: t("audit_on"), by: (it) => it.id ?? "", cell: (it) => [it.kind, it.id].filter(Boolean).join(" ") },
      { id: "detail", head: t("audit_detail"), by: (it) => it.detail ?? "", cell: (it) => it.detail ?? "" },
    ],
    [t],
  );
  return (
    <Page title={t("audit")} aside={<Button onClick={() => void asked.refetch()}>{t("registry_open")}</Button>}>
      <Awaited asked={asked} empty={(it) => it.length === 0}>{(rows) => <List label={t("audit")} rows={rows} columns={columns} keyOf={(it) => String(it.seq)} />}</Awaited>
    </Page>
  );
}
