// The map answers one question: how fast could somebody be there now, cell by cell, against the promise.

import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { coverage } from "../../api/figures";
import type { Person } from "../../api/people";
import { incidentNamed } from "../../state/queue";
import { Button } from "../../ui/button";
import { Quiet } from "../../ui/panel";
import { serverNow } from "../../ui/time";
import { go } from "../place";
import { board, useBoard } from "../session";
import { BaseMapDialog } from "./base-map-dialog";
import { boundsOf, cellFeatures, extentOf, homeFeatures, incidentFeatures, labelFeatures, responderFeatures, routeFeatures } from "./features";
import { pace } from "./pace";
import { placeAt, type Picked } from "./picker";
import { usePlaces } from "./places";
import { shiftOf, unshiftOf, useBaseMap } from "./settings";
import { useMap } from "./use-map";

const COVERAGE_MS = 10_000;
const FADE_MS = 2_000;

const NO_DISTRICTS: string[] = [];

export function MapPane({ chosen, openAt }: { chosen: string | null; openAt: (place: Picked) => void }) {
  const { t } = useTranslation();
  const base = useBaseMap();
  const shift = useMemo(() => shiftOf(base), [base]);
  const { holder, map, state, base: ground } = useMap({
    title: t("map_label"),
    incident: (id) => go("board", id),
    pointed: (x, y) => openAt(placeAt(unshiftOf(base)(x, y))),
  });
  const districts = useBoard((it) => it.me?.districts ?? NO_DISTRICTS);
  const known = useQueries({ queries: districts.map((district) => ({ queryKey: ["coverage", district], queryFn: () => coverage(district), refetchInterval: COVERAGE_MS })) });
  const told = known.every((it) => it.data !== undefined || it.isError);
  const cells = useMemo(() => known.flatMap((it) => it.data?.cells ?? []), [known.map((it) => it.dataUpdatedAt).join()]);
  const places = usePlaces(state === "ready");
  const persons = useQueryClient();
  const [asking, setAsking] = useState(false);

  useEffect(() => {
    if (!map) return;
    const draw = () => {
      const now = board.get();
      const incident = chosen ? incidentNamed(now, chosen) : undefined;
      const homes = persons.getQueriesData<Person | null>({ queryKey: ["person"] }).flatMap(([, it]) => (it ? [it] : []));
      map.show("incidents", incidentFeatures(now, chosen, shift));
      map.show("responders", responderFeatures(now, incident, serverNow(), shift, (n) => t("minutes", { n })));
      map.show("route", routeFeatures(now, incident, shift));
      map.show("homes", homeFeatures(now, homes, shift));
    };
    const { soon, stop } = pace(draw);
    const unsubscribe = board.subscribe(soon);
    // Positions fade and names become known without an event.
    const timer = setInterval(soon, FADE_MS);
    return () => {
      unsubscribe();
      clearInterval(timer);
      stop();
    };
  }, [map, chosen, shift, t]);

  useEffect(() => map?.show("cells", cellFeatures(cells, shift)), [map, cells, shift]);
  useEffect(() => map?.show("labels", labelFeatures(places, shift)), [map, places, shift]);

  const fitted = useRef(false);
  const fit = () => {
    const bounds = boundsOf(extentOf(board.get(), cells), shift);
    if (bounds) map?.fit(bounds);
    return bounds !== null;
  };
  const generation = useBoard((it) => it.epoch);
  useEffect(() => {
    if (map && !fitted.current && generation > 0 && told) fitted.current = fit();
  }, [map, generation, told]);
  useEffect(() => {
    const place = chosen ? incidentNamed(board.get(), chosen)?.place : null;
    if (map && place?.lon !== undefined && place.lat !== undefined) map.centre(...shift(place.lon, place.lat));
  }, [map, chosen, generation]);

  return (
    <div data-map={state} data-base={ground} className="relative min-w-0 bg-ground">
      <div className="absolute inset-0">
        <div ref={holder} className="h-full" />
      </div>
      {state === "failed" && <Quiet>{t("not_available")}</Quiet>}
      <div className="absolute top-3 right-3 grid justify-items-end gap-2">
        <div className="flex gap-2 rounded-lg bg-pane">
          <Button onClick={fit}>{t("map_fit")}</Button>
          <Button onClick={() => setAsking(true)}>{t("map_settings")}</Button>
        </div>
        {ground === "failed" && <p role="status" className="rounded-lg border border-u2 bg-pane px-3 py-1.5 text-u2-text">{t("map_tiles_unread")}</p>}
      </div>
      {cells.length > 0 && <Legend />}
      {asking && <BaseMapDialog onLeave={() => setAsking(false)} />}
    </div>
  );
}

function Legend() {
  const { t } = useTranslation();
  const kinds = [["covered", "bg-[var(--cell-covered)] border-line"], ["tight", "bg-[var(--cell-tight)] border-line"], ["uncovered", "bg-[var(--cell-uncovered)] border-u1 border-dashed"]] as const;
  return (
    <p className="absolute right-3 bottom-3 left-3 mr-auto flex w-fit flex-wrap gap-3 rounded-lg border border-line bg-pane px-3 py-1.5 text-dim">
      <span className="text-ink">{t("map_legend")}</span>
      {kinds.map(([it, look]) => (
        <span key={it} className="flex items-center gap-1.5">
          <span aria-hidden="true" className={`h-3 w-4 border ${look}`} />
          {t(`map_${it}`)}
        </span>
      ))}
    </p>
  );
}
