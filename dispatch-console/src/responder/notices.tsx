import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "../ui/toasts";
import { usePhone } from "./session";

/** What was taken back or refused is said once. */
export function Notices() {
  const { t } = useTranslation();
  const notice = usePhone((it) => it.notice);
  useEffect(() => {
    if (!notice) return;
    const text = notice.code === "withdrawn" ? t("withdrawn_title") : t(`code.${notice.code}`, { defaultValue: t("not_taken", { what: notice.code }) });
    toast(text, { bad: notice.code !== "withdrawn" });
  }, [notice?.n]);
  return null;
}
