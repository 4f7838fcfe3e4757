// What the registry has on a responder: skills, way of travelling, telephone. The feed tells none of it.

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { row } from "../api/coming";
import { responderNamed } from "../state/queue";
import { board } from "./session";

/** Skills change by training, in ms. */
const FRESH_MS = 10 * 60_000;

interface About {
  /** Tier, skills and way of travelling in a line. */
  words: string;
  phone: string | null;
}

export function useAbout(id: string): About {
  const { t } = useTranslation();
  const read = useQuery({ queryKey: ["row", "responders", id, "about"], queryFn: () => row("responders", id), staleTime: FRESH_MS });
  const known = read.data?.value as { skills?: string[]; travel?: string; phone?: string } | undefined;
  const tier = t(`tier.${responderNamed(board.get(), id)?.tier ?? "staff"}`);
  const skills = (known?.skills ?? []).map((it) => t(`skill.${it}`));
  return { words: [tier, ...skills, known?.travel && t(`travel.${known.travel}`)].filter(Boolean).join(" · "), phone: known?.phone ?? null };
}
