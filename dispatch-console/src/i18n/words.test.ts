import { expect, test } from "vitest";
import { en } from "./en";
import { zh } from "./zh";

const EVENTS = `signal_received alarm_attached alarm_cancelled unknown_device incident_opened urgency_raised
  incident_claimed incident_released offer_made offer_accepted offer_declined offer_expired offer_withdrawn offer_shown
  responder_en_route responder_at_door responder_inside responder_clear sla_warned sla_breached sla_met
  incident_escalated task_due task_confirmed incident_corrected incident_merged incident_unattended incident_closed
  incident_reopened note_added call_ringing call_answered call_ended call_abandoned device_offline device_restored
  outage_declared outage_over claim_lease_changed nobody_available arrival_predicted alarm_detached call_joined
  call_returned windows_renewed`.split(/\s+/);

const blanks = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((it) => it[1]).sort();

test("both languages have the same words", () => {
  expect(Object.keys(en)).toEqual(Object.keys(zh));
});

test("both languages leave the same blanks", () => {
  const words: Record<string, string> = zh;
  for (const [key, text] of Object.entries(en)) expect([key, blanks(text)]).toEqual([key, blanks(words[key] ?? "")]);
});

test("every event of the contract is a whole sentence", () => {
  for (const words of [zh, en] as Record<string, string>[]) {
    for (const type of EVENTS) expect(words[`event.${type}`], type).toMatch(/[。.]$|\}\}$/);
    expect(words["event.duty_changed_on"]).toMatch(/[。.]$/);
    expect(words["event.duty_changed_off"]).toMatch(/[。.]$/);
  }
});
