//! The core, by script and transcript. A line of a script is `<seconds> <verb> <words>`; a line of a transcript is
//! `<seconds> <event> <what matters>`, or `!` and the code of a rejection. The world is told in `world.rs`.

mod aid;
mod choosing;
mod golden;
mod script;
mod world;

use script::{check, transcript};

#[test]
fn an_sos_opens_and_the_nearest_is_asked_in_the_same_instant() {
    check(
        "0 press D1 sos",
        "0 signal_received sos opened 330481-1
         0 incident_opened 330481-1 sos u2 S1 P1 premises urban
         0 offer_made 330481-1 o1 R1",
    );
}

#[test]
fn over_roads_whoever_is_sooner_is_asked_and_not_whoever_is_nearer() {
    check(
        "0 roads
         0 press D1 sos
         7 decline o1 R2
         8 decline o2 R3
         9 decline o3 R1
         10 chen claim 330481-1
         11 chen offer 330481-1 R2",
        "0 signal_received sos opened 330481-1
         0 incident_opened 330481-1 sos u2 S1 P1 premises urban
         0 offer_made 330481-1 o1 R2 by road in 290 s
         7 offer_declined o1 R2
         7 offer_made 330481-1 o2 R3
         8 offer_declined o2 R3
         8 offer_made 330481-1 o3 R1 by road in 890 s
         …
         11 offer_made 330481-1 o4 R2 by road in 290 s",
    );
}

#[test]
fn declined_is_followed_by_the_next_at_once() {
    check(
        "0 press D1 sos
         5 shown o1 R1
         7 decline o1 R1",
        "0 signal_received sos opened 330481-1
         0 incident_opened 330481-1 sos u2 S1 P1 premises urban
         0 offer_made 330481-1 o1 R1
         5 offer_shown o1 R1
         7 offer_declined o1 R1
         7 offer_made 330481-1 o2 R2",
    );
}

#[test]
fn what_a_channel_came_to_is_told_and_a_push_that_arrived_is_a_delivery() {
    check(
        "0 press D1 sos
         1 tried o1 sent
         2 reached o1 R1
         3 tried o1 failed
         11 wait",
        "0 signal_received sos opened 330481-1
         0 incident_opened 330481-1 sos u2 S1 P1 premises urban
         0 offer_made 330481-1 o1 R1
         1 offer_tried o1 push sent
         2 offer_shown o1 R1
         3 offer_tried o1 push failed",
    );
}

#[test]
fn an_offer_that_no_screen_confirms_is_undelivered_after_ten_seconds() {
    check(
        "0 press D1 sos
         11 wait",
        "0 signal_received sos opened 330481-1
         0 incident_opened 330481-1 sos u2 S1 P1 premises urban
         0 offer_made 330481-1 o1 R1
         10 offer_expired o1 R1 undelivered
         10 offer_made 330481-1 o2 R2",
    );
}

#[test]
fn an_offer_on_the_screen_ends_unanswered_and_its_deadline_is_too_late() {
    let said = transcript(
        "0 press D1 sos
         1 shown o1 R1
         30 accept o1 R1",
    );
    assert!(said.contains("30 ! offer_expired"), "{said}");
    let said = transcript(
        "0 press D1 sos
         1 shown o1 R1
         29.999 accept o1 R1",
    );
    assert!(said.contains("29.999 offer_accepted o1 R1"), "{said}");
}

#[test]
fn a_second_press_raises_urgency_and_counts() {
    check(
        "0 press D1 sos a
         3 press D1 sos b
         4 press D1 sos c",
        "0 signal_received sos opened 330481-1
         0 incident_opened 330481-1 sos u2 S1 P1 premises urban
         0 offer_made 330481-1 o1 R1
         3 signal_received sos attached 330481-1
         3 alarm_attached 330481-1 sos presses 2
         3 urgency_raised 330481-1 u1
         4 signal_received sos attached 330481-1
         4 alarm_attached 330481-1 sos presses 3",
    );
}

#[test]
fn the_same_signal_again_gets_the_first_answer() {
    check(
        "0 press D1 sos a
         3 press D1 sos a
         4 accept o1 R1
         86399 press D1 sos a",
        "0 signal_received sos opened 330481-1
         0 incident_opened 330481-1 sos u2 S1 P1 premises urban
         0 offer_made 330481-1 o1 R1
         3 ! repeat 330481-1 seq 1
         4 offer_accepted o1 R1
         15 sla_breached 330481-1 answer
         1500 sla_warned 330481-1 door
         1500 incident_escalated 330481-1 supervisor promise_at_risk
         1500 task_due 330481-1 supervisor
         1800 sla_breached 330481-1 door
         86399 ! repeat 330481-1 seq 1",
    );
}

#[test]
fn a_couple_at_home_is_one_incident_with_two_subjects() {
    check(
        "0 press D1 sos
         5 press D2 fall",
        "0 signal_received sos opened 330481-1
         0 incident_opened 330481-1 sos u2 S1 P1 premises urban
         0 offer_made 330481-1 o1 R1
         5 signal_received fall attached 330481-1
         5 alarm_attached 330481-1 fall presses 2
         5 urgency_raised 330481-1 u1",
    );
}

#[test]
fn a_wanderer_in_the_park_is_not_at_home() {
    check(
        "0 press D1 sos
         5 press D2 wandering at park",
        "0 signal_received sos opened 330481-1
         0 incident_opened 330481-1 sos u2 S1 P1 premises urban
         0 offer_made 330481-1 o1 R1
         5 signal_received wandering opened 330481-2
         5 incident_opened 330481-2 wandering u3 S2 P1 fix urban",
    );
}

#[test]
fn cancel_takes_nothing_away() {
    check(
        "0 press D1 sos a
         4 press D1 cancel b
         5 press D3 cancel c",
        "0 signal_received sos opened 330481-1
         0 incident_opened 330481-1 sos u2 S1 P1 premises urban
         0 offer_made 330481-1 o1 R1
         4 signal_received cancel cancelled 330481-1
         4 alarm_cancelled 330481-1
         5 signal_received cancel technical -",
    );
}

#[test]
fn a_call_back_plan_offers_by_itself_when_nobody_claims() {
    let said = transcript("0 press D1 inactivity\n61 wait");
    assert!(said.contains("60 offer_made 330481-1 o1 R1"), "{said}");
    let claimed = transcript("0 press D1 inactivity\n10 chen claim 330481-1\n70 wait");
    assert!(!claimed.contains("offer_made"), "{claimed}");
    let given_back = transcript("0 press D1 inactivity\n10 chen claim 330481-1\n70 chen release 330481-1");
    assert!(given_back.contains("70 offer_made 330481-1 o1 R1"), "{given_back}");
}

#[test]
fn two_operators_never_both_send() {
    check(
        "0 press D1 sos
         1 chen claim 330481-1
         2 wang claim 330481-1
         3 wang offer 330481-1
         4 boss* offer 330481-1 R3",
        "0 signal_received sos opened 330481-1
         0 incident_opened 330481-1 sos u2 S1 P1 premises urban
         0 offer_made 330481-1 o1 R1
         1 incident_claimed 330481-1 chen
         1 sla_met 330481-1 answer
         2 ! claimed
         3 ! not_owner
         4 incident_claimed 330481-1 boss
         4 offer_made 330481-1 o2 R3",
    );
}

#[test]
fn a_lost_console_gives_its_claims_back() {
    let said = transcript(
        "0 console chen
         0 press D1 sos
         1 chen claim 330481-1
         100 console-lost chen
         131 wait",
    );
    assert!(said.contains("100 claim_lease_changed 330481-1 chen"), "{said}");
    assert!(said.contains("130 incident_released 330481-1 chen lapsed"), "{said}");
    let back = transcript(
        "0 console chen
         0 press D1 sos
         1 chen claim 330481-1
         100 console-lost chen
         120 console chen
         200 wait",
    );
    assert!(!back.contains("incident_released"), "{back}");
}

#[test]
fn a_claim_without_a_console_lapses_five_minutes_after_the_last_action() {
    let said = transcript(
        "0 press D1 sos
         1 chen claim 330481-1
         200 chen note 330481-1
         501 wait",
    );
    assert!(said.contains("500 incident_released 330481-1 chen lapsed"), "{said}");
}

#[test]
fn the_first_yes_wins_and_the_others_are_told() {
    let said = transcript(
        "0 press D1 sos
         1 chen offer 330481-1 x2
         2 accept o2 R2",
    );
    assert!(said.contains("2 offer_accepted o2 R2"), "{said}");
    assert!(said.contains("2 offer_withdrawn o1 R1 taken"), "{said}");
    assert!(said.contains("2 offer_withdrawn o3 R3 taken"), "{said}");
}

#[test]
fn a_responder_goes_arrives_and_is_done() {
    check(
        "0 press D1 sos
         2 accept o1 R1
         3 status R1 330481-1 en_route
         400 status R1 330481-1 at_door
         430 status R1 330481-1 inside
         900 status R1 330481-1 clear
         901 chen close 330481-1 helped",
        "0 signal_received sos opened 330481-1
         0 incident_opened 330481-1 sos u2 S1 P1 premises urban
         0 offer_made 330481-1 o1 R1
         2 offer_accepted o1 R1
         3 responder_en_route R1
         15 sla_breached 330481-1 answer
         400 responder_at_door R1
         400 sla_met 330481-1 door
         430 responder_inside R1
         900 responder_clear R1
         901 incident_claimed 330481-1 chen
         901 incident_released 330481-1 chen closed
         901 incident_closed 330481-1 helped",
    );
}

#[test]
fn an_arrival_says_what_stands_behind_it() {
    let arrival = |script: &str| {
        let said = transcript(&format!("0 press D1 sos\n2 accept o1 R1\n{script}"));
        said.lines().find_map(|it| it.split_once("responder_at_door R1")).map(|(_, proof)| proof.trim().to_owned())
    };
    let told = |script: &str| arrival(script).unwrap_or_else(|| panic!("nobody arrived: {script}"));
    assert_eq!(told("400 status R1 330481-1 at_door"), "");
    assert_eq!(told("400 status R1 330481-1 at_door scanned"), "elder_code");
    assert_eq!(told("399 near R1 390\n400 status R1 330481-1 at_door"), "position");
    assert_eq!(told("399 near R1 99\n400 status R1 330481-1 at_door"), "", "too long ago");
    assert_eq!(told("899 near R1 890\n900 status R1 330481-1 at_door said 400"), "", "too long after");
}

#[test]
fn a_word_kept_offline_is_judged_by_its_own_time() {
    let said = transcript(
        "0 press D1 sos
         2 accept o1 R1
         3 status R1 330481-1 en_route
         1900 status R1 330481-1 at_door said 700
         1900 status R1 330481-1 inside said 720",
    );
    assert!(said.contains("1800 sla_breached 330481-1 door"), "{said}");
    assert!(said.contains("1900 sla_met 330481-1 door at 700"), "{said}");
    let boasted = transcript(
        "0 press D1 sos
         2 accept o1 R1
         1500 status R1 330481-1 en_route
         1900 status R1 330481-1 at_door said 700",
    );
    assert!(boasted.contains("1900 sla_met 330481-1 door at 1500"), "{boasted}");
}

#[test]
fn who_gives_up_on_the_way_is_replaced() {
    let said = transcript(
        "0 press D1 sos
         2 accept o1 R1
         3 status R1 330481-1 en_route
         60 status R1 330481-1 clear",
    );
    assert!(said.contains("60 offer_made 330481-1 o2 R2"), "{said}");
}

#[test]
fn nobody_left_takes_the_next_rung_and_asks_again_as_people_become_free() {
    let said = transcript(
        "0 duty R1 off
         0 duty R2 off
         0 duty R3 off
         1 press D1 sos
         100 duty R2 on",
    );
    assert!(said.contains("1 nobody_available 330481-1"), "{said}");
    assert!(said.contains("1 incident_escalated 330481-1 supervisor nobody_left"), "{said}");
    assert!(said.contains("1 task_due 330481-1 supervisor"), "{said}");
    assert!(said.contains("100 offer_made 330481-1 o1 R2"), "{said}");
}

#[test]
fn the_next_rung_is_taken_before_the_promise_is_missed() {
    // Nobody answers: every rung is taken long before the door is due at 1800.
    let silent = transcript("0 press D1 sos\n1799 wait");
    for rung in ["supervisor", "neighbour", "120"] {
        assert!(silent.contains(&format!("task_due 330481-1 {rung}")), "{silent}");
    }
    assert!(silent.contains("sla_warned 330481-1 door"), "{silent}");
    // Who said yes and does not come: five minutes before.
    let late = transcript("0 press D1 sos\n2 accept o1 R1\n1799 wait");
    assert!(late.contains("1500 incident_escalated 330481-1 supervisor promise_at_risk"), "{late}");
    // Who will arrive too late: at once, and goes on.
    let far = transcript(
        "0 duty R1 off
         0 duty R2 off
         0 duty R3 off
         0 duty R9 on
         1 press D1 sos
         11 accept o1 R9",
    );
    assert!(far.contains("incident_escalated 330481-1 supervisor promise_at_risk"), "{far}");
    assert!(far.contains("11 offer_accepted o1 R9"), "{far}");
}

#[test]
fn a_claimed_incident_in_which_nothing_is_done_alarms_again() {
    let said = transcript(
        "0 press D1 inactivity
         1 console chen
         2 chen claim 330481-1
         183 wait",
    );
    assert!(said.contains("92 incident_unattended 330481-1 chen"), "{said}");
    assert!(said.contains("182 incident_unattended 330481-1 chen"), "{said}");
}

#[test]
fn closing_needs_the_responder_to_be_done_or_force() {
    let said = transcript(
        "0 press D1 sos
         2 accept o1 R1
         3 chen close 330481-1 helped
         4 chen close 330481-1 helped force
         5 chen note 330481-1
         6 chen claim 330481-1",
    );
    assert!(said.contains("3 ! responder_under_way"), "{said}");
    assert!(said.contains("4 offer_withdrawn o1 R1 incident_closed"), "{said}");
    assert!(said.contains("4 incident_closed 330481-1 helped"), "{said}");
    assert!(said.contains("5 note_added 330481-1"), "{said}");
    assert!(said.contains("6 ! incident_closed"), "{said}");
}

#[test]
fn reopening_is_a_new_round_with_its_own_promises() {
    let said = transcript(
        "0 press D1 sos
         1 chen close 330481-1 false_alarm
         100 chen reopen 330481-1",
    );
    assert!(said.contains("100 incident_reopened 330481-1 round 2 door 1900"), "{said}");
    assert!(said.contains("100 offer_made 330481-1 o2 R1"), "{said}");
}

#[test]
fn merging_closes_one_into_the_other() {
    let said = transcript(
        "0 press D1 sos
         1 press D3 sos
         2 chen merge 330481-2 330481-1
         3 press D3 sos again",
    );
    assert!(said.contains("2 incident_merged 330481-2 330481-1"), "{said}");
    assert!(said.contains("3 signal_received sos attached 330481-1"), "{said}");
    assert!(said.contains("3 alarm_attached 330481-1 sos presses 3"), "{said}");
}

#[test]
fn alarms_of_another_device_leave_for_an_incident_of_their_own() {
    let said = transcript(
        "0 press D1 sos
         1 press D3 sos
         2 chen merge 330481-2 330481-1
         60 chen detach 330481-1 D3 fall
         61 chen detach 330481-1 D3
         62 chen detach 330481-1 D1
         63 press D3 sos again",
    );
    assert!(said.contains("60 alarm_detached 330481-1 330481-3"), "{said}");
    assert!(said.contains("60 incident_opened 330481-3 fall"), "{said}");
    assert!(said.contains("60 incident_claimed 330481-3 chen"), "{said}");
    assert!(said.contains("61 ! not_of_incident"), "{said}");
    assert!(said.contains("62 ! only_alarm"), "{said}");
    assert!(said.contains("63 signal_received sos attached 330481-3"), "{said}");
}

#[test]
fn a_correction_of_the_kind_brings_its_plan() {
    let said = transcript(
        "0 press D1 inactivity
         5 chen correct 330481-1 kind fall
         6 chen correct 330481-1 premises P3",
    );
    assert!(said.contains("5 offer_made 330481-1 o1 R1"), "{said}");
    assert!(said.contains("6 incident_corrected 330481-1 rural door 3600"), "{said}");
}

#[test]
fn an_abandoned_call_of_a_known_subject_is_an_alarm() {
    check(
        "0 call pbx-1 ringing S1
         20 call pbx-1 abandoned S1",
        "0 call_ringing pbx-1 S1
         20 incident_opened 330481-1 no_response u3 S1 P1 premises urban
         20 call_abandoned pbx-1 330481-1",
    );
    check(
        "0 call pbx-1 ringing
         20 call pbx-1 abandoned
         60 chen call-back pbx-1
         61 chen call-back pbx-1",
        "0 call_ringing pbx-1 -
         20 call_abandoned pbx-1 - call_back
         60 call_returned pbx-1
         61 ! nothing_to_do",
    );
}

#[test]
fn a_call_is_made_an_incident_that_the_operator_owns() {
    let said = transcript(
        "0 call pbx-1 ringing S3
         5 call pbx-1 answered S3
         9 chen emergency pbx-1 medical
         10 chen emergency pbx-1 medical",
    );
    assert!(said.contains("9 incident_opened 330481-1 medical u2 S3 P3 premises rural"), "{said}");
    assert!(said.contains("9 incident_claimed 330481-1 chen"), "{said}");
    assert!(said.contains("9 call_joined pbx-1 330481-1"), "{said}");
    assert!(said.contains("10 ! repeat 330481-1"), "{said}");
}

#[test]
fn a_device_that_nobody_knows_still_opens_one_until_the_cap() {
    let said = transcript(
        "0 stranger 1 sos at park
         1 stranger 2 sos
         2 stranger 3 sos
         3 stranger 4 sos",
    );
    assert!(said.contains("0 incident_opened 330481-1 sos u2 - - fix urban"), "{said}");
    assert!(said.contains("0 offer_made 330481-1"), "{said}");
    assert!(said.contains("1 incident_opened 330481-2 sos u2 - - - urban"), "{said}");
    assert!(!said.contains("offer_made 330481-2"), "{said}");
    // The cap of the test's policy is 3.
    assert!(said.contains("3 signal_received sos unknown_device -"), "{said}");
    assert!(said.contains("3 outage_declared x1 unknown_devices"), "{said}");
}

#[test]
fn many_silent_devices_are_one_outage() {
    check("0 silent D1", "0 device_offline D1");
    check(
        "0 silent D1 D2 D4
         50 heard D1 D2 D4",
        "0 outage_declared x1 silent_village
         50 device_restored D1
         50 device_restored D2
         50 device_restored D4
         50 outage_over x1",
    );
}

#[test]
fn a_responder_under_way_cannot_go_off_duty() {
    let said = transcript(
        "0 press D1 sos
         1 duty R2 off
         2 accept o1 R1
         3 duty R1 off",
    );
    assert!(said.contains("3 ! on_assignment"), "{said}");
    let asked = transcript("0 press D1 sos\n1 duty R1 off");
    assert!(asked.contains("1 offer_withdrawn o1 R1 off_duty"), "{asked}");
    assert!(asked.contains("1 offer_made 330481-1 o2 R2"), "{asked}");
}

#[test]
fn a_restart_gives_fresh_windows() {
    let said = transcript(
        "0 press D1 sos
         1 shown o1 R1
         29 renew
         58 accept o1 R1",
    );
    assert!(said.contains("29 windows_renewed"), "{said}");
    assert!(said.contains("58 offer_accepted o1 R1"), "{said}");
}

#[test]
fn what_is_not_there_is_said_so() {
    check(
        "0 chen claim 330481-7
         0 accept o9 R1
         0 chen emergency pbx-7 medical
         0 status R1 330481-7 at_door
         0 chen hand sos S9
         0 chen hand low_battery S1
         0 duty R77 on",
        "0 ! no_such_incident
         0 ! no_such_offer
         0 ! no_such_call
         0 ! no_such_incident
         0 ! no_such_subject
         0 ! not_an_alarm
         0 ! no_such_responder",
    );
}
