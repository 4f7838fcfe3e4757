import { expect, test } from "vitest";
import { nextStep, reducePhone, shownAssignment, SILENT_PHONE, type Assignment, type Heard, type Offer, type Phone, type Saying, type Step } from "./phone";

const OFFER: Offer = { offer: "o1", incident: "330481-1", kind: "fall", urgency: 2, expires_at: "2026-11-21T12:00:30.000Z", eta_s: 360, distance_m: 1900, place: null };
const ASSIGNMENT: Assignment = { ...OFFER, state: "accepted", at: "2026-11-21T12:00:10.000Z", subjects: [] };

test("an offer is accepted once, and becomes an assignment", () => {
  let phone = heard(SILENT_PHONE, { offer: OFFER }, { offer: OFFER });
  expect(phone.offers).toHaveLength(1);
  phone = reducePhone(phone, { type: "answered", offer: "o1", accept: true });
  expect(phone.answering).toEqual(["o1"]);
  phone = heard(phone, { assignment: ASSIGNMENT });
  expect(phone).toMatchObject({ offers: [], answering: [], assignment: { state: "accepted" } });
});

test("an acceptance that came too late is said, and the offer is gone", () => {
  const phone = heard(reducePhone(heard(SILENT_PHONE, { offer: OFFER }), { type: "answered", offer: "o1", accept: true }), { refused: { offer: "o1", code: "offer_expired" } });
  expect(phone).toMatchObject({ offers: [], answering: [], assignment: null, notice: { code: "offer_expired" } });
});

test("without a line, what was said is shown at once and kept in its order until it is noted", () => {
  let phone = heard(SILENT_PHONE, { assignment: ASSIGNMENT });
  phone = say(say(phone, "en_route", "k1"), "at_door", "k2");
  expect(shownAssignment(phone)?.state).toBe("at_door");
  expect(phone.assignment?.state).toBe("accepted");
  phone = heard(phone, { noted: { key: "k1" } });
  expect([phone.assignment?.state, phone.outbox.length]).toEqual(["en_route", 1]);
  phone = heard(phone, { state: { duty: true, offers: [], assignment: { ...ASSIGNMENT, state: "en_route" } } });
  expect(shownAssignment(phone)?.state).toBe("at_door");
  phone = heard(phone, { noted: { key: "k2" } }, { noted: { key: "k2" } });
  expect([phone.assignment?.state, phone.outbox]).toEqual(["at_door", []]);
});

test("what the service cannot take just now stays; what it refuses goes, and is said", () => {
  const phone = say(heard(SILENT_PHONE, { assignment: ASSIGNMENT }), "inside", "k1");
  expect(heard(phone, { problem: { code: "no_room", key: "k1" } }).outbox).toHaveLength(1);
  expect(heard(phone, { problem: { code: "status_out_of_order", key: "k1" } })).toMatchObject({ outbox: [], notice: { code: "status_out_of_order" } });
});

test("clear ends it here at once, and the outcome may still be said", () => {
  const phone = say(heard(SILENT_PHONE, { assignment: { ...ASSIGNMENT, state: "inside" } }), "clear", "k1");
  expect(shownAssignment(phone)).toBeNull();
  expect(phone.finished).toBe("330481-1");
  expect(reducePhone(phone, { type: "finished_told" }).finished).toBeNull();
});

test("a scan is an arrival; a wrong code is not", () => {
  const scan: Saying = { scan: { incident: "330481-1", code: "ZJ", at: "", key: "s1" } };
  const phone = reducePhone(heard(SILENT_PHONE, { assignment: { ...ASSIGNMENT, state: "en_route" } }), { type: "said", saying: scan });
  expect(shownAssignment(phone)?.state).toBe("at_door");
  const wrong = heard(phone, { refused: { key: "s1", code: "wrong_elder_code" } });
  expect([shownAssignment(wrong)?.state, wrong.notice?.code]).toEqual(["en_route", "wrong_elder_code"]);
});

test("an assignment that is taken back leaves the screen", () => {
  expect(heard(SILENT_PHONE, { assignment: ASSIGNMENT }, { withdrawn: { offer: "o1", reason: "operator" } })).toMatchObject({ assignment: null, notice: { code: "withdrawn" } });
});

test("the steps follow each other", () => {
  expect(["accepted", "en_route", "at_door", "inside", "clear"].map((it) => nextStep(it as Step))).toEqual(["en_route", "at_door", "inside", "clear", null]);
});

function heard(phone: Phone, ...messages: Heard[]): Phone {
  return messages.reduce((known, message) => reducePhone(known, { type: "heard", message }), phone);
}

function say(phone: Phone, state: Step, key: string): Phone {
  return reducePhone(phone, { type: "said", saying: { status: { incident: "330481-1", state, at: "2026-11-21T12:01:00.000Z", key } } });
}
