// One incident on the screen: as the board has it while it is open, with the timeline that was read once and what the
// feed has told since.

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import * as api from "../../api/client";
import { joined } from "../../state/clocks";
import { incidentNamed } from "../../state/queue";
import type { Event, Incident, Signal } from "../../state/types";
import { board, useBoard } from "../session";

export interface Shown {
  incident: Incident;
  timeline: Event[];
  signals: Signal[];
}

export function useIncident(id: string | null): { shown: Shown | null; missing: boolean } {
  const epoch = useBoard((it) => it.epoch);
  const live = useBoard((it) => (id ? incidentNamed(it, id) : undefined));
  const watched = useBoard((it) => it.watched);
  const open = live !== undefined;

  // Before it is read: what is told meanwhile is joined to what is read.
  useEffect(() => board.tell({ type: "watched", incident: id }), [id, epoch]);
  const read = useQuery({ queryKey: ["incident", id, epoch, open], queryFn: () => api.incident(id as string), enabled: id !== null, placeholderData: (old) => (old?.id === id ? old : undefined) });

  const heard = watched && watched.incident === id ? watched.events : EMPTY;
  const timeline = useMemo(() => joined(read.data?.timeline ?? EMPTY, heard), [read.data, heard]);
  const incident = live ?? read.data;
  if (!id || !incident) return { shown: null, missing: read.isError };
  return { shown: { incident, timeline, signals: read.data?.signals ?? [] }, missing: false };
}

const EMPTY: Event[] = [];
