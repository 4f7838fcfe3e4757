// Buttons: one shape, three weights. The likeliest next action is the only solid one.

import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Kbd } from "./kbd";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  weight?: "solid" | "outline" | "quiet";
  /** The key that does the same. */
  hotkey?: string | undefined;
  children: ReactNode;
}

const WEIGHTS = {
  solid: "bg-solid text-solid-ink border-solid font-semibold hover:opacity-90",
  outline: "border-line text-ink hover:border-edge hover:bg-raised",
  quiet: "border-transparent text-dim hover:text-ink hover:bg-raised",
};

export function Button({ weight = "outline", hotkey, children, className = "", ...rest }: Props) {
  return (
    <button
      type="button"
      aria-keyshortcuts={hotkey}
      className={`inline-flex min-h-8 items-center justify-center gap-2 rounded-md border px-3 whitespace-nowrap disabled:opacity-60 ${WEIGHTS[weight]} ${className}`}
      {...rest}
    >
      {children}
      {hotkey && <Kbd plain={weight === "solid"}>{hotkey}</Kbd>}
    </button>
  );
}
