import type { ReactNode } from "react";

/** A key. Hidden from those who hear the page: the button says its shortcut itself. */
export function Kbd({ children, plain = false }: { children: ReactNode; plain?: boolean }) {
  return (
    <kbd
      aria-hidden="true"
      className={`inline-grid min-w-5 place-items-center rounded-sm border px-1 font-mono text-sm leading-5 ${plain ? "border-current" : "border-edge text-dim"}`}
    >
      {children}
    </kbd>
  );
}
