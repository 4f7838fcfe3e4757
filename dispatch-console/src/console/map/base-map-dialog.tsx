import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../ui/dialog";
import { Check, Input } from "../../ui/field";
import { setBaseMap, useBaseMap } from "./settings";

export function BaseMapDialog({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation();
  const base = useBaseMap();
  const [tiles, setTiles] = useState(base.tiles ?? "");
  const [gcj02, setGcj02] = useState(base.gcj02);
  const agree = () => {
    setBaseMap({ tiles: tiles.trim() || null, gcj02 });
    onLeave();
  };
  return (
    <Dialog title={t("map_settings")} hint={t("map_tiles_hint")} agree={t("save")} onAgree={agree} onLeave={onLeave}>
      <Input label={t("map_tiles")} autoFocus value={tiles} onChange={(e) => setTiles(e.target.value)} />
      <Check label={t("map_gcj02")} checked={gcj02} onChange={(e) => setGcj02(e.target.checked)} />
    </Dialog>
  );
}
