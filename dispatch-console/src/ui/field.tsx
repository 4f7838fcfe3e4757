// Fields of a form: label, input, and what is wrong with it.

import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes, TextareaHTMLAttributes } from "react";
import { useId } from "react";

const BOX = "w-full min-h-9 rounded-md border border-edge bg-ground px-3 py-1 text-ink aria-invalid:border-u1";

interface Labelled {
  label: string;
  fault?: string | undefined;
}

function Frame({ id, label, fault, children }: Labelled & { id: string; children: ReactNode }) {
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="text-dim">
        {label}
      </label>
      {children}
      {fault && (
        <p id={`${id}-fault`} className="text-u1-text">
          {fault}
        </p>
      )}
    </div>
  );
}

export function Input({ label, fault, ...rest }: Labelled & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} fault={fault}>
      <input id={id} aria-invalid={fault ? true : undefined} aria-describedby={fault ? `${id}-fault` : undefined} autoComplete="off" className={BOX} {...rest} />
    </Frame>
  );
}

export function TextArea({ label, fault, ...rest }: Labelled & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} fault={fault}>
      <textarea id={id} rows={3} className={BOX} {...rest} />
    </Frame>
  );
}

export function Select({ label, fault, children, ...rest }: Labelled & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Frame id={id} label={label} fault={fault}>
      <select id={id} className={BOX} {...rest}>
        {children}
      </select>
    </Frame>
  );
}

export function Check({ label, ...rest }: { label: string } & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <label className="flex min-h-8 items-center gap-2">
      <input type="checkbox" className="size-4" {...rest} />
      {label}
    </label>
  );
}
