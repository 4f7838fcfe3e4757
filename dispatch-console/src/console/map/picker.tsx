// A place chosen on a small map, for an incident that no device told where it is.

import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/button";
import { board } from "../session";
import { boundsOf, extentOf } from "./features";
import { shiftOf, unshiftOf, useBaseMap } from "./settings";
import { useMap } from "./use-map";

export interface Picked {
  lat: number;
  lon: number;
}

/** To a tenth of a metre. */
export function placeAt([lon, lat]: [number, number]): Picked {
  return { lat: Number(lat.toFixed(6)), lon: Number(lon.toFixed(6)) };
}

export function PlacePicker({ picked, pick }: { picked: Picked | null; pick: (it: Picked) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(picked !== null);
  return (
    <div className="grid gap-2">
      <div className="flex items-center justify-between gap-2">
        <span className="text-dim">{picked ? t("picked", { lat: picked.lat.toFixed(5), lon: picked.lon.toFixed(5) }) : t("place")}</span>
        <Button onClick={() => setOpen(!open)}>{t("pick_on_map")}</Button>
      </div>
      {open && <Ground picked={picked} pick={pick} />}
    </div>
  );
}

function Ground({ picked, pick }: { picked: Picked | null; pick: (it: Picked) => void }) {
  const { t } = useTranslation();
  const base = useBaseMap();
  const { holder, map, state } = useMap({
    title: t("map_label"),
    place: (x, y) => pick(placeAt(unshiftOf(base)(x, y))),
  });
  useEffect(() => {
    const around = picked ? [picked] : extentOf(board.get(), []);
    const bounds = boundsOf(around, shiftOf(base));
    if (bounds) map?.fit(bounds);
  }, [map]);
  useEffect(() => {
    if (!map || !picked) return;
    const coordinates = shiftOf(base)(picked.lon, picked.lat);
    map.show("incidents", { type: "FeatureCollection", features: [{ type: "Feature", geometry: { type: "Point", coordinates }, properties: { id: "", urgency: 2, chosen: true } }] });
  }, [map, picked, base]);
  return <div ref={holder} data-picker={state} className="h-64 overflow-hidden rounded-md border border-line" />;
}
