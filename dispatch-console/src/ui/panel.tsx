// What things stand in: a card with a title, a tag, a quiet word where there is nothing.

import type { ReactNode } from "react";

export function Card({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title} className="min-w-0 rounded-lg border border-line bg-pane p-3">
      <header className="mb-1 flex items-center justify-between gap-2">
        <h2 className="font-semibold text-dim">{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

export function Tag({ children, loud = false }: { children: ReactNode; loud?: boolean }) {
  return <span className={`rounded-2xl border px-2.5 ${loud ? "border-u2 text-u2-text" : "border-edge text-ink"}`}>{children}</span>;
}

export function Quiet({ children, hint }: { children: ReactNode; hint?: string }) {
  return (
    <div className="grid place-content-center gap-1 p-6 text-center text-dim">
      <p>{children}</p>
      {hint && <p>{hint}</p>}
    </div>
  );
}
