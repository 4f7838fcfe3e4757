// The timeline in whole sentences: one for every event type, with the names of people and the local time.

import type { TFunction } from "i18next";
import type { Event } from "../state/types";

export interface Names {
  t: TFunction;
  /** The name of a responder. */
  responder(id: string): string;
  /** An account as people call it. */
  account(name: string): string;
}

export function sentence(event: Event, names: Names): string {
  const { t } = names;
  const key = `event.${variant(event)}`;
  const blanks = Object.fromEntries(Object.keys(BLANKS).map((blank) => [blank, BLANKS[blank]?.(event, names) ?? ""]));
  const text = t(key, { ...blanks, defaultValue: "" });
  return text || t("event.unknown", { type: event.type.replaceAll("_", " ") });
}

/** Some events say more where they know more. */
function variant(event: Event): string {
  switch (event.type) {
    case "signal_received":
      return event.late ? "signal_received_late" : "signal_received";
    case "incident_claimed":
      return event.from ? "incident_claimed_from" : "incident_claimed";
    case "offer_declined":
      return event.reason ? "offer_declined_reason" : "offer_declined";
    case "offer_shown":
      return event.channel && event.channel !== "link" ? "offer_shown_channel" : "offer_shown";
    case "responder_at_door":
      return event.proof ? "responder_at_door_proof" : "responder_at_door";
    case "duty_changed":
      return event.on ? "duty_changed_on" : "duty_changed_off";
    case "aid_reported":
      return ["aid_reported", wordOf(event)].filter(Boolean).join("_");
    case "task_confirmed":
      return event.note ? "task_confirmed_note" : "task_confirmed";
    case "incident_closed":
      return event.note ? "incident_closed_note" : "incident_closed";
    case "incident_reopened":
      return event.reason ? "incident_reopened_reason" : "incident_reopened";
    default:
      return event.type;
  }
}

interface Found {
  nobody?: boolean;
  over?: boolean;
  helper?: { responder: string; state: string };
}

/** What a neighbouring district says last of all. */
function wordOf(event: Event): "over" | "helper" | "nobody" | null {
  const found = (event.found ?? {}) as Found;
  if (found.over) return "over";
  if (found.helper) return "helper";
  return found.nobody ? "nobody" : null;
}

function helper(event: Event, { t, responder }: Names): string {
  const { helper: who } = (event.found ?? {}) as Found;
  return who ? `${responder(who.responder)} ${t(`who.${who.state}`)}` : "";
}

const CORRECTED = ["kind", "urgency", "subject", "premises", "place"];
/** Reasons that somebody wrote stand as they are; the others have a word. */
const WRITTEN = ["offer_declined", "incident_reopened"];

const BLANKS: Record<string, (event: Event, names: Names) => string | number> = {
  type: (e) => e.type,
  by: (e, { t, account }) => (e.by ? account(e.by) : t("system")),
  owner: (e, { account }) => account(String(e.owner ?? "")),
  responder: (e, { responder }) => responder(e.responder ?? ""),
  device: (e, { t }) => e.device ?? t("a_device"),
  kind: (e, { t }) => (e.kind ? t(`kind.${String(e.kind)}`) : ""),
  urgency: (e) => String(e.urgency ?? ""),
  n: (e) => (Array.isArray(e.devices) ? e.devices.length : Number(e.presses ?? 0)),
  from: (e, { account }) => (e.type === "incident_claimed" ? account(String(e.from ?? "")) : String(e.from ?? "")),
  to: (e) => String(e.to ?? ""),
  time: (e) => timeOf(e),
  eta: (e, { t }) => t("minutes", { n: Math.max(1, Math.round(Number(e.eta_s ?? 0) / 60)) }),
  distance: (e) => distance(Number(e.distance_m ?? 0)),
  reason: (e, { t }) => (WRITTEN.includes(e.type) ? String(e.reason ?? "") : t(`reason.${String(e.reason)}`)),
  clock: (e, { t }) => t(`clock.${String(e.clock)}`),
  rung: (e, { t }) => t(`rung.${String(e.rung)}`),
  what: (e, { t }) => CORRECTED.filter((it) => e[it] !== undefined).map((it) => t(`what.${it}`)).join(t("other_language") === "English" ? "、" : ", "),
  of: (e) => String(e.of ?? ""),
  helper,
  into: (e) => String(e.into ?? ""),
  disposition: (e, { t }) => t(`disposition.${String(e.disposition)}`),
  note: (e) => String(e.note ?? ""),
  proof: (e, { t }) => t(`proof.${String(e.proof)}`),
  channel: (e, { t }) => t(`channel.${String(e.channel)}`),
  outcome: (e, { t }) => t(`outcome.${String(e.outcome)}`),
};

function timeOf(event: Event): string {
  const at = event.arrival_at ?? event.ask_again_at ?? event.door_due_at ?? event.due_at;
  return typeof at === "string" ? new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" }) : "";
}

export function distance(metres: number): string {
  return metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(1)} km`;
}
