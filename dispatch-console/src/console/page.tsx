// The frame of a view beside the queue: a title, what belongs to it, and what scrolls.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Quiet } from "../ui/panel";

export function Page({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <main className="grid min-h-0 min-w-0 grid-rows-[auto_minmax(0,1fr)]">
      <header className="flex items-center gap-4 px-5 py-3">
        <h1 className="text-2xl font-semibold text-bright">{title}</h1>
        <span className="ml-auto flex gap-2">{aside}</span>
      </header>
      <div tabIndex={0} className="grid auto-rows-max content-start gap-4 overflow-y-auto px-5 pb-5 -outline-offset-2">
        {children}
      </div>
    </main>
  );
}

/** While it is read, where it cannot be, and where there is none. */
export function Awaited<T>({ asked, empty, children }: { asked: { data: T | undefined; isError: boolean }; empty: (it: T) => boolean; children: (it: T) => ReactNode }) {
  const { t } = useTranslation();
  if (asked.data !== undefined) return empty(asked.data) ? <Quiet>{t("no_rows")}</Quiet> : children(asked.data);
  return <Quiet>{t(asked.isError ? "not_available" : "loading")}</Quiet>;
}
