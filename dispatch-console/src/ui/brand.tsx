// The name of the house, and the two switches that are on every page.

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { language, speak } from "../i18n";
import { Button } from "./button";
import { setTheme, theme } from "./theme";

export function Brand() {
  return (
    <span className="text-lg font-bold tracking-wide whitespace-nowrap text-bright" translate="no">
      潮安 <span className="text-safe-text">TIDEWATCH</span>
    </span>
  );
}

export function LanguageButton() {
  const { t } = useTranslation();
  const other = language() === "zh" ? "en" : "zh";
  return (
    <Button weight="quiet" lang={other === "zh" ? "zh-CN" : "en"} onClick={() => speak(other)}>
      {t("other_language")}
    </Button>
  );
}

export function ThemeButton() {
  const { t } = useTranslation();
  const [now, setNow] = useState(theme());
  const other = now === "night" ? "day" : "night";
  return (
    <Button
      weight="quiet"
      onClick={() => {
        setTheme(other);
        setNow(other);
      }}
    >
      {t(`theme_${other}`)}
    </Button>
  );
}
