//! Who is asked by each policy, and who is asked to turn. R1 is placed south of the couple, between them and the country,
//! and R2 north of them, a little farther: both would be with the couple in time, R1 alone in the country.

use super::script::{check, transcript};

const BETWEEN: &str = "0 duty R3 off
    0 place R1 30.4900 120.6881
    0 place R2 30.5750 120.6881";

/// What was asked, and nothing else.
fn asked(script: &str) -> Vec<String> {
    let said = transcript(script);
    let made = said.lines().filter_map(|line| line.split_once("offer_made ").map(|(_, rest)| rest.to_owned()));
    made.collect()
}

#[test]
fn one_at_a_time_the_first_gets_whom_the_second_needs() {
    let script = format!("0 policy nearest\n{BETWEEN}\n1 press D1 sos + press D3 sos");
    assert_eq!(asked(&script), ["330481-1 o1 R1", "330481-2 o2 R2"]);
}

#[test]
fn matched_together_nobody_is_late() {
    let script = format!("0 policy matched\n{BETWEEN}\n1 press D1 sos + press D3 sos");
    assert_eq!(asked(&script), ["330481-1 o1 R2", "330481-2 o2 R1"]);
}

#[test]
fn alone_the_nearest_is_matched() {
    let script = format!("0 policy matched\n{BETWEEN}\n1 press D1 sos");
    assert_eq!(asked(&script), ["330481-1 o1 R1"]);
}

#[test]
fn with_one_for_two_the_more_urgent_is_matched() {
    let script = "0 policy matched
        0 duty R2 off
        0 duty R3 off
        1 press D3 sos + press D4 sos a + press D4 sos b";
    assert_eq!(asked(script), ["330481-2 o1 R1"]);
}

#[test]
fn those_who_found_nobody_are_matched_when_somebody_comes() {
    let script = format!(
        "0 policy matched\n{BETWEEN}
        0 duty R1 off
        0 duty R2 off
        1 press D1 sos + press D3 sos
        9 duty R2 on
        9 duty R1 on"
    );
    assert_eq!(asked(&script), ["330481-1 o1 R2", "330481-2 o2 R1"]);
}

/// R1 is at the couple's door; R3 is two hours away.
const ONE_IS_FAR: &str = "0 duty R2 off
    0 place R3 30.9000 120.2000
    1 press D1 sos
    1 shown o1 R1
    2 accept o1 R1
    3 status R1 330481-1 at_door";

#[test]
fn matched_waits_for_somebody_who_is_sooner_after_their_job_than_whoever_is_free() {
    let script = |policy| format!("0 policy {policy}\n{ONE_IS_FAR}\n4 press D4 sos\n600 status R1 330481-1 clear");
    assert_eq!(asked(&script("nearest"))[1], "330481-2 o2 R3");
    assert_eq!(asked(&script("matched")), ["330481-1 o1 R1", "330481-2 o2 R1"]);
    let said = transcript(&script("matched"));
    assert!(
        said.contains("4 nobody_available 330481-2 waits for R1\n4 incident_escalated 330481-2 supervisor"),
        "{said}"
    );
    assert!(said.contains("600 offer_made 330481-2 o2 R1"), "{said}");
}

#[test]
fn two_do_not_wait_for_the_same_one() {
    let script = format!("0 policy matched\n{ONE_IS_FAR}\n4 press D4 sos + press D3 sos");
    let said = transcript(&script);
    assert_eq!(said.matches("4 nobody_available").count(), 1, "{said}");
    assert_eq!(asked(&script), ["330481-1 o1 R1", "330481-3 o2 R3"], "whom R3 is nearer to");
}

#[test]
fn nobody_is_waited_for_who_would_be_later_or_while_somebody_free_comes_in_time() {
    let in_time = ONE_IS_FAR.replace("30.9000 120.2000", "30.5700 120.6881");
    let script = format!("0 policy matched\n{in_time}\n4 press D4 sos");
    assert_eq!(asked(&script), ["330481-1 o1 R1", "330481-2 o2 R3"], "25 minutes, and R1 not before 20");
    let late_and_sooner = ONE_IS_FAR.replace("30.9000 120.2000", "30.3100 120.6400");
    let script = format!("0 policy matched\n{late_and_sooner}\n4 press D3 sos");
    assert_eq!(asked(&script), ["330481-1 o1 R1", "330481-2 o2 R3"], "68 minutes, and R1 not before 88");
}

#[test]
fn whoever_is_waited_for_in_vain_is_waited_for_no_longer_and_whoever_is_free_goes() {
    let script = format!("0 policy matched\n{ONE_IS_FAR}\n4 press D4 sos\n1100 duty R2 on");
    assert_eq!(asked(&script).last().unwrap(), "330481-2 o2 R2", "somebody near who comes on duty");
}

#[test]
fn whoever_covers_the_country_alone_stays_where_somebody_else_comes_in_time() {
    let script = |policy| format!("0 policy {policy}\n{BETWEEN}\n0 homes 200\n1 press D1 sos");
    assert_eq!(asked(&script("nearest")), ["330481-1 o1 R1"]);
    assert_eq!(asked(&script("covering")), ["330481-1 o1 R2"]);
    let few = format!("0 policy covering\n{BETWEEN}\n0 homes 10\n1 press D1 sos");
    assert_eq!(asked(&few), ["330481-1 o1 R1"], "ten homes are not worth the time");
}

#[test]
fn nobody_comes_late_for_the_sake_of_cover() {
    let script = format!("0 policy covering\n{BETWEEN}\n0 homes 200\n0 place R2 30.5850 120.6881\n1 press D1 sos");
    assert_eq!(asked(&script), ["330481-1 o1 R1"]);
}

#[test]
fn staff_are_asked_one_by_one_and_volunteers_together() {
    let staff = "0 policy acceptance-aware\n1 press D1 sos";
    assert_eq!(asked(staff), ["330481-1 o1 R1"]);
    let volunteers = "0 policy acceptance-aware
        0 tier R1 volunteer
        0 tier R2 volunteer
        0 tier R3 volunteer
        0 place R2 30.5330 120.6890
        0 place R3 30.5340 120.6890
        1 press D1 sos";
    assert_eq!(asked(volunteers), ["330481-1 o1 R1", "330481-1 o2 R2", "330481-1 o3 R3"]);
}

#[test]
fn of_several_the_first_yes_goes_and_the_others_are_told() {
    check(
        "0 policy acceptance-aware
         0 tier R1 volunteer
         0 tier R2 volunteer
         0 tier R3 volunteer
         0 place R2 30.5330 120.6890
         0 place R3 30.5340 120.6890
         1 press D1 sos
         3 decline o2 R2
         5 accept o3 R3",
        "1 signal_received sos opened 330481-1
         1 incident_opened 330481-1 sos u2 S1 P1 premises urban
         1 offer_made 330481-1 o1 R1
         1 offer_made 330481-1 o2 R2
         1 offer_made 330481-1 o3 R3
         3 offer_declined o2 R2
         3 nobody_available 330481-1
         3 incident_escalated 330481-1 supervisor nobody_left
         3 task_due 330481-1 supervisor
         5 offer_accepted o3 R3
         5 offer_withdrawn o1 R1 taken",
    );
}

/// R1 is on the way to S4, who is less urgent, when S1 presses; nobody else is there.
const ON_THE_WAY: &str = "0 preempt sos
    0 duty R2 off
    0 duty R3 off
    1 press D4 vital
    61 shown o1 R1
    62 accept o1 R1";

fn turned(then: &str) -> String {
    let said = transcript(&format!("{ON_THE_WAY}\n70 press D1 sos\n{then}"));
    let from = said.find("70 signal_received").unwrap();
    said[from..].lines().skip(2).collect::<Vec<_>>().join("\n")
}

#[test]
fn with_their_yes_they_leave_what_is_less_urgent_which_is_asked_for_again_at_once() {
    assert_eq!(
        turned("75 accept o2 R1"),
        "70 offer_made 330481-2 o2 R1 turns o1
75 offer_withdrawn o1 R1 turned
75 offer_accepted o2 R1
75 nobody_available 330481-1
75 incident_escalated 330481-1 supervisor nobody_left
75 task_due 330481-1 supervisor"
    );
}

#[test]
fn with_a_no_or_silence_nothing_has_changed_for_whom_they_are_on_the_way_to() {
    let said = turned("75 decline o2 R1\n80 status R1 330481-1 en_route");
    assert!(said.contains("75 offer_declined o2 R1"), "{said}");
    assert!(said.ends_with("80 responder_en_route R1"), "{said}");
    let said = turned("79 wait\n81 status R1 330481-1 at_door");
    assert!(said.contains("80 offer_expired o2 R1 undelivered"), "{said}");
    assert!(said.contains("81 responder_at_door R1"), "{said}");
    assert!(!said.contains("turned"), "{said}");
}

#[test]
fn whoever_is_at_the_door_is_not_asked_any_more() {
    let said = turned("72 status R1 330481-1 at_door\n73 accept o2 R1");
    assert!(said.contains("72 offer_withdrawn o2 R1 at_door\n72 responder_at_door R1"), "{said}");
    assert!(said.ends_with("73 ! offer_withdrawn"), "{said}");
}

#[test]
fn what_has_become_as_urgent_is_not_left() {
    let said = turned("72 press D4 sos\n73 accept o2 R1");
    assert!(said.ends_with("73 ! offer_withdrawn"), "{said}");
}

#[test]
fn what_ends_meanwhile_leaves_an_offer_as_any_other() {
    let said = turned("72 chen close 330481-1 other force\n73 shown o2 R1\n74 accept o2 R1");
    assert!(said.contains("72 offer_withdrawn o1 R1 incident_closed"), "{said}");
    assert!(said.ends_with("74 offer_accepted o2 R1"), "{said}");
}

#[test]
fn nobody_turns_where_the_plan_does_not_say_so_or_the_other_is_as_urgent() {
    let said = transcript(&format!("{}\n70 press D1 sos", ON_THE_WAY.replace("0 preempt sos", "0 wait")));
    assert!(!said.contains("turns"), "{said}");
    let said = transcript(&format!("{}\n70 press D1 sos", ON_THE_WAY.replace("1 press D4 vital", "60 press D4 sos")));
    assert!(!said.contains("turns"), "{said}");
}

#[test]
fn nobody_turns_while_somebody_free_comes_in_time() {
    let said = transcript(&format!("{ON_THE_WAY}\n69 duty R3 on\n70 press D1 sos"));
    assert!(said.contains("70 offer_made 330481-2 o2 R3"), "{said}");
    assert!(!said.contains("turns"), "{said}");
}

#[test]
fn nobody_turns_where_the_other_promise_would_be_missed() {
    let said = transcript(&format!("{}\n900 press D1 sos", ON_THE_WAY));
    assert!(!said.contains("turns"), "with a job's time between them it would be too late for the other: {said}");
}
