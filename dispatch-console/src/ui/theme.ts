// Night and day: the same shapes on another ground, kept on this device.

const KEPT = "tidewatch.theme";
export type Theme = "night" | "day";

export function theme(): Theme {
  return document.documentElement.dataset.theme === "day" ? "day" : "night";
}

export function setTheme(it: Theme): void {
  document.documentElement.dataset.theme = it;
  localStorage.setItem(KEPT, it);
}

export function beginTheme(): void {
  setTheme(localStorage.getItem(KEPT) === "day" ? "day" : "night");
}
