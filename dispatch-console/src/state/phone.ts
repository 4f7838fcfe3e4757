// The responder's phone: duty, what is asked, the assignment, and what has been said and not yet been noted. A pure
// reducer; reads no clock and no store.

export interface Where {
  lat?: number;
  lon?: number;
  source: string;
  age_s?: number;
  address?: string | null;
}

export interface Offer {
  offer: string;
  incident: string;
  kind: string;
  urgency: number;
  expires_at: string;
  eta_s: number;
  distance_m: number;
  travel?: "foot" | "ebike" | "car";
  door_due_at?: string;
  hotline?: string;
  /** The incident that a yes to this leaves: its responder is asked to turn. */
  leaves?: string;
  place: Where | null;
  /** The persons, without a name. */
  about?: { birth_year: number | null; risks: string[] }[];
}

export interface Person {
  id: string;
  name: string;
  birth?: string | null;
  languages?: string[];
  phones?: string[];
  risks?: string[];
  conditions?: string[];
}

export type Step = "accepted" | "en_route" | "at_door" | "inside" | "clear";
export const STEPS: Step[] = ["accepted", "en_route", "at_door", "inside", "clear"];

export interface Assignment extends Omit<Offer, "expires_at" | "about"> {
  state: Step;
  at: string;
  arrival_at?: string;
  subjects: Person[];
}

/** Something said that must arrive, with its own time and key: kept in order until it is noted. */
export type Saying =
  | { status: { incident: string; state: Step; at: string; key: string } }
  | { scan: { incident: string; code: string; at: string; key: string } }
  | { outcome: { incident: string; text: string; key: string } };

export interface Phone {
  /** Whether the service has said anything yet. */
  known: boolean;
  duty: boolean;
  up: boolean;
  offers: Offer[];
  /** Offers that have been answered here and are waiting for the service's word. */
  answering: string[];
  assignment: Assignment | null;
  outbox: Saying[];
  /** The incident of which the outcome may still be said. */
  finished: string | null;
  /** The last thing that was refused or taken back, in the service's word. */
  notice: { code: string; n: number } | null;
}

export type Heard =
  | { state: { duty: boolean; offers: Offer[]; assignment: Assignment | null } }
  | { offer: Offer }
  | { assignment: Assignment }
  | { withdrawn: { offer: string; reason: string } }
  | { refused: { offer?: string; key?: string; code: string } }
  | { noted: { key: string } }
  | { problem: { code: string; key?: string; offer?: string } };

export type PhoneUpdate =
  | { type: "heard"; message: Heard }
  | { type: "line"; up: boolean }
  | { type: "answered"; offer: string; accept: boolean }
  | { type: "expired"; offer: string }
  | { type: "said"; saying: Saying }
  | { type: "finished_told" }
  | { type: "signed_out" };

export const SILENT_PHONE: Phone = { known: false, duty: false, up: false, offers: [], answering: [], assignment: null, outbox: [], finished: null, notice: null };

/** A service that is busy or stopping has not refused: the word stays and is said again. */
const TRY_AGAIN = ["no_room", "unavailable"];

export function reducePhone(phone: Phone, update: PhoneUpdate): Phone {
  switch (update.type) {
    case "line":
      return { ...phone, up: update.up };
    case "answered":
      return answered(phone, update.offer, update.accept);
    case "expired":
      return without(phone, update.offer);
    case "said":
      return said(phone, update.saying);
    case "finished_told":
      return { ...phone, finished: null };
    case "signed_out":
      return SILENT_PHONE;
    case "heard":
      return hear(phone, update.message);
  }
}

export function keyOf(it: Saying): string {
  if ("status" in it) return it.status.key;
  return "scan" in it ? it.scan.key : it.outcome.key;
}

function answered(phone: Phone, offer: string, accept: boolean): Phone {
  return accept ? { ...phone, answering: [...phone.answering, offer] } : without(phone, offer);
}

function without(phone: Phone, offer: string): Phone {
  const others = (it: string) => it !== offer;
  return { ...phone, offers: phone.offers.filter((it) => others(it.offer)), answering: phone.answering.filter(others) };
}

function said(phone: Phone, saying: Saying): Phone {
  const finished = "status" in saying && saying.status.state === "clear" ? saying.status.incident : phone.finished;
  return { ...phone, outbox: [...phone.outbox, saying], finished, notice: null };
}

function notice(phone: Phone, code: string): Phone {
  return { ...phone, notice: { code, n: (phone.notice?.n ?? 0) + 1 } };
}

function hear(phone: Phone, message: Heard): Phone {
  if ("state" in message) {
    const { duty, offers, assignment } = message.state;
    return { ...phone, known: true, duty, offers, answering: phone.answering.filter((it) => offers.some((each) => each.offer === it)), assignment };
  }
  if ("offer" in message) {
    const others = phone.offers.filter((it) => it.offer !== message.offer.offer);
    return { ...phone, offers: [...others, message.offer] };
  }
  if ("assignment" in message) return { ...without(phone, message.assignment.offer), assignment: message.assignment, notice: null };
  if ("withdrawn" in message) {
    const mine = phone.assignment?.offer === message.withdrawn.offer;
    return notice({ ...without(phone, message.withdrawn.offer), assignment: mine ? null : phone.assignment }, "withdrawn");
  }
  if ("noted" in message) return noted(phone, message.noted.key);
  if ("refused" in message) return refused(phone, message.refused);
  return TRY_AGAIN.includes(message.problem.code) ? phone : refused(phone, message.problem);
}

function noted(phone: Phone, key: string): Phone {
  const it = phone.outbox.find((each) => keyOf(each) === key);
  const outbox = phone.outbox.filter((each) => keyOf(each) !== key);
  const assignment = phone.assignment && it ? after(phone.assignment, it) : phone.assignment;
  return { ...phone, outbox, assignment };
}

function refused(phone: Phone, { offer, key, code }: { offer?: string; key?: string; code: string }): Phone {
  const told = notice(offer ? without(phone, offer) : phone, code);
  return key ? { ...told, outbox: told.outbox.filter((it) => keyOf(it) !== key) } : told;
}

/** The assignment once a word has been taken. */
function after(assignment: Assignment, it: Saying): Assignment | null {
  const state = "status" in it ? it.status.state : "scan" in it ? "at_door" : null;
  const incident = "status" in it ? it.status.incident : "scan" in it ? it.scan.incident : null;
  if (state === null || incident !== assignment.incident) return assignment;
  return state === "clear" ? null : { ...assignment, state };
}

/** The assignment as the responder has said it, whether or not the service has heard all of it yet. */
export function shownAssignment(phone: Phone): Assignment | null {
  return phone.outbox.reduce<Assignment | null>((known, it) => (known ? after(known, it) : null), phone.assignment);
}

/** What comes after a step. */
export function nextStep(state: Step): Step | null {
  return STEPS[STEPS.indexOf(state) + 1] ?? null;
}
