// The way there, in whatever map the phone has. Positions are WGS-84; Amap is told so, and shifts them itself.

import { useTranslation } from "react-i18next";
import type { Where } from "../state/phone";
import { Dialog } from "../ui/dialog";

const LINKS: [string, (lat: number, lon: number) => string][] = [
  ["nav.geo", (lat, lon) => `geo:${lat},${lon}?q=${lat},${lon}`],
  ["nav.amap", (lat, lon) => `https://uri.amap.com/navigation?to=${lon},${lat}&mode=ride&coordinate=wgs84&callnative=1`],
  ["nav.apple", (lat, lon) => `https://maps.apple.com/?daddr=${lat},${lon}`],
  ["nav.google", (lat, lon) => `https://www.google.com/maps/dir/?api=1&destination=${lat},${lon}`],
];

export function Navigate({ place, onLeave }: { place: Where | null; onLeave: () => void }) {
  const { t } = useTranslation();
  if (place?.lat === undefined || place.lon === undefined) return null;
  const [lat, lon] = [place.lat, place.lon];
  return (
    <Dialog title={t("navigate_with")} onLeave={onLeave}>
      <ul className="grid gap-2">
        {LINKS.map(([word, to]) => (
          <li key={word}>
            <a href={to(lat, lon)} target="_blank" rel="noreferrer" onClick={onLeave} className="grid min-h-14 place-items-center rounded-2xl border border-edge text-lg">
              {t(word)}
            </a>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
