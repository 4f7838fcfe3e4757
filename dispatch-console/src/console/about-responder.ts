// What the registry has on a responder: skills, way of travelling, telephone. The feed tells none of it.

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { row } from "../api/registry";
import { responderNamed } from "../state/queue";
import { board } from "./session";

/** Skills change by training, in ms. */
const FRESH_MS = 10 * 60_000;

/** As many as a line holds; the registry has the rest. */
const SKILLS_SHOWN = 2;

interface About {
  /** Tier where it is not staff, skills and way of travelling in a line. */
  words: string;
  phone: string | null;
}

export function useAbout(id: string): About {
  const { t } = useTranslation();
  const read = useQuery({ queryKey: ["row", "responders", id, "about"], queryFn: () => row("responders", id), staleTime: FRESH_MS });
  const known = read.data?.value as { skills?: string[]; travel?: string; phone?: string } | undefined;
  const tier = responderNamed(board.get(), id)?.tier ?? "staff";
  const skills = (known?.skills ?? []).slice(0, SKILLS_SHOWN).map((it) => t(`skill.${it}`));
  const words = [tier === "staff" ? "" : t(`tier.${tier}`), ...skills, known?.travel && t(`travel.${known.travel}`)];
  return { words: words.filter(Boolean).join(" · "), phone: known?.phone ?? null };
}
