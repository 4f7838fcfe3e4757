import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../ui/dialog";
import { Check, Input } from "../../ui/field";
import { readBase } from "./base";
import { setBaseMap, useBaseMap } from "./settings";

export function BaseMapDialog({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation();
  const base = useBaseMap();
  const [url, setUrl] = useState(base.url ?? "");
  const [gcj02, setGcj02] = useState(base.gcj02);
  const wrong = url.trim() !== "" && readBase(url) === null;
  const agree = () => {
    setBaseMap({ url: url.trim() || null, gcj02 });
    onLeave();
  };
  return (
    <Dialog title={t("map_settings")} hint={t("map_tiles_hint")} agree={t("save")} disabled={wrong} onAgree={agree} onLeave={onLeave}>
      <Input label={t("map_tiles")} autoFocus value={url} fault={wrong ? t("map_tiles_fault") : undefined} onChange={(e) => setUrl(e.target.value)} />
      <Check label={t("map_gcj02")} checked={gcj02} onChange={(e) => setGcj02(e.target.checked)} />
    </Dialog>
  );
}
