// A question or a form over the page: Escape leaves, Enter in a form agrees, and focus comes back to where it was.

import { useEffect, useRef, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";

interface Props {
  title: string;
  hint?: string | undefined;
  /** What agreeing does, in a word; without it there is nothing to agree to. */
  agree?: string;
  disabled?: boolean;
  wide?: boolean;
  onAgree?: () => void;
  onLeave: () => void;
  children?: ReactNode;
}

export function Dialog({ title, hint, agree, disabled = false, wide = false, onAgree, onLeave, children }: Props) {
  const { t } = useTranslation();
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const it = ref.current;
    it?.showModal();
    // A question without a field is agreed to with Enter, as one with a field is; the browser would choose the first button.
    (it?.querySelector<HTMLElement>("input, select, textarea") ?? it?.querySelector<HTMLElement>("button[type=submit]"))?.focus();
    return () => it?.close();
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!disabled) onAgree?.();
  };
  return (
    <dialog
      ref={ref}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onLeave();
      }}
      className={`max-h-[86vh] max-w-[94vw] rounded-lg border border-edge bg-pane p-5 text-ink ${wide ? "w-[720px]" : "w-[440px]"}`}
    >
      <form
        onSubmit={submit}
        onKeyDown={(event) => {
          // A choice is agreed to like a text; browsers would open its list.
          if (event.key !== "Enter" || !(event.target instanceof HTMLSelectElement)) return;
          event.preventDefault();
          event.currentTarget.requestSubmit();
        }}
        className="grid gap-4"
      >
        <header>
          <h2 className="text-xl font-semibold text-bright">{title}</h2>
          {hint && <p className="text-dim">{hint}</p>}
        </header>
        {children}
        <footer className="flex justify-end gap-2">
          <Button weight="quiet" onClick={onLeave}>
            {agree ? t("cancel") : t("close_panel")}
          </Button>
          {agree && (
            <Button type="submit" weight="solid" disabled={disabled} hotkey="↵">
              {agree}
            </Button>
          )}
        </footer>
      </form>
    </dialog>
  );
}
