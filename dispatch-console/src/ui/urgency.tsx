// Urgency, the same everywhere: 1 filled, 2 outlined, 3 dashed, so that it reads without colour.

import { useTranslation } from "react-i18next";

const SHAPES: Record<number, string> = {
  1: "bg-u1 text-u1-ink border-u1 border-2",
  2: "border-u2 text-u2-text border-2",
  3: "border-u3 text-u3-text border-2 border-dashed",
};
const QUIET = "border-line text-dim border";
const SIZES = { sm: "size-7 text-lg rounded-md", lg: "size-11 text-2xl rounded-lg" };

export function Urgency({ urgency, size = "sm" }: { urgency: number; size?: "sm" | "lg" }) {
  const { t } = useTranslation();
  return (
    <span role="img" aria-label={t("urgency_n", { n: urgency })} className={`grid shrink-0 place-items-center font-semibold ${SIZES[size]} ${SHAPES[urgency] ?? QUIET}`}>
      {urgency}
    </span>
  );
}

/** The colour of words and bars that belong to an urgency. */
export function urgencyText(urgency: number): string {
  return { 1: "text-u1-text", 2: "text-u2-text", 3: "text-u3-text" }[urgency] ?? "text-dim";
}

export function urgencyBar(urgency: number): string {
  return { 1: "bg-u1", 2: "bg-u2", 3: "bg-u3" }[urgency] ?? "bg-faint";
}
