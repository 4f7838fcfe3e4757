// The words on the screen: Chinese first, English complete, switchable at any time and kept on this device.

import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en";
import { zh } from "./zh";

export type Language = "zh" | "en";

const KEPT = "tidewatch.language";

export function language(): Language {
  return i18next.language === "en" ? "en" : "zh";
}

export function speak(it: Language): void {
  localStorage.setItem(KEPT, it);
  document.documentElement.lang = it === "zh" ? "zh-CN" : "en";
  void i18next.changeLanguage(it);
}

export function begin(): void {
  const kept = localStorage.getItem(KEPT);
  const lng: Language = kept === "en" ? "en" : "zh";
  document.documentElement.lang = lng === "zh" ? "zh-CN" : "en";
  void i18next.use(initReactI18next).init({
    lng,
    resources: { zh: { translation: zh }, en: { translation: en } },
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    // A word of a later version is better shown raw than hidden.
    parseMissingKeyHandler: (key) => key.split(".").pop()?.replaceAll("_", " ") ?? key,
  });
}
