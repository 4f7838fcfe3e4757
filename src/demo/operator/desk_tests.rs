use super::*;

const HOUR_MS: u64 = 3_600_000;

#[test]
fn what_is_finished_is_closed_and_what_is_under_way_is_not() {
    check(
        "0 incident_opened I1 S-9\n1000 offer_accepted I1 R-1\n500000 responder_at_door I1 R-1",
        "claim I1 by 13000\nnote I1",
    );
    check(
        "0 incident_opened I1 S-9\n1000 offer_accepted I1 R-1\n2000 responder_clear I1 R-1",
        "claim I1\nnote I1\nclose I1 by 47000",
    );
}

#[test]
fn what_nobody_could_reach_is_given_up() {
    check("0 incident_opened I1 S-9", "claim I1\nnote I1\nclose I1 by 540000 no_contact");
}

#[test]
fn what_another_owns_is_left_alone_until_it_is_given_back() {
    check("0 incident_opened I1 S-9\n1 incident_claimed I1 anna\n2000 responder_clear I1 R-1", "");
    let back = "0 incident_opened I1 S-9\n1 incident_claimed I1 anna\n50000 incident_released I1 anna";
    check(back, "close I1 no_contact");
}

#[test]
fn the_visitors_own_alarm_and_what_a_hand_opened_are_theirs() {
    check("0 incident_opened I1 S-0001\n2000 responder_clear I1 R-1", "");
    let mut desk = desk();
    desk.hear(&Told::Event(Event { opened_by: Some("hand".into()), ..event("incident_opened", "I1") }), 0);
    assert_eq!(desk.next_deed(HOUR_MS), None);
}

#[test]
fn a_refusal_of_another_owner_ends_it_and_one_for_a_responder_is_tried_again() {
    let close = Deed::Close { incident: "I1".into(), disposition: "helped" };
    let mut desk = desk();
    desk.hear(&Told::Event(event("incident_opened", "I1")), 0);
    desk.agenda.clear();
    desk.refused(&close, "responder_under_way", 0);
    assert_eq!(desk.next_deed(AGAIN.most_ms), Some(close.clone()));
    desk.refused(&close, "", 0);
    desk.refused(&close, "not_owner", 0);
    assert_eq!(desk.next_deed(HOUR_MS), None);
}

#[test]
fn a_snapshot_is_taken_over_as_it_is() {
    let mut desk = desk();
    let clear = super::super::words::Assignment { responder: "R-1".into(), state: "clear".into() };
    let open = Incident { id: "I7".into(), state: "open".into(), assignments: vec![clear], ..Incident::default() };
    desk.hear(&Told::Snapshot(vec![open]), 0);
    assert!(matches!(desk.next_deed(habits().close.most_ms), Some(Deed::Close { incident, .. }) if incident == "I7"));
}

#[test]
fn tasks_are_confirmed_and_call_backs_made() {
    let mut desk = desk();
    desk.hear(&Told::Event(event("incident_opened", "I1")), 0);
    desk.agenda.clear();
    desk.hear(&Told::Event(Event { task: Some("t1".into()), ..event("task_due", "I1") }), 0);
    let back = Event { call: Some("c1".into()), call_back: true, incident: None, ..event("call_abandoned", "") };
    desk.hear(&Told::Event(back), 0);
    let mut deeds: Vec<String> = std::iter::from_fn(|| desk.next_deed(HOUR_MS)).map(|it| it.request().0).collect();
    deeds.sort();
    assert_eq!(deeds, ["/api/v1/calls/c1/called_back", "/api/v1/incidents/I1/confirm"]);
}

/// `script`: lines of `at_ms event incident (responder, subject or owner)`; `expected`: lines of `deed incident`, with
/// the latest time and a word of the body where they are said. Claims succeed, and the desk hears of them.
fn check(script: &str, expected: &str) {
    let mut desk = desk();
    let mut heard: std::collections::VecDeque<(u64, Event)> = script.lines().map(line).collect();
    let mut done = Vec::new();
    loop {
        let next = heard.front().map(|(at, _)| *at);
        match (next, desk.next_due_ms()) {
            (Some(at), due) if due.is_none_or(|due| at <= due) => {
                let (at, event) = heard.pop_front().unwrap();
                desk.hear(&Told::Event(event), at);
            }
            (_, Some(now)) => {
                let Some(deed) = desk.next_deed(now) else { continue };
                if let Deed::Claim { incident } = &deed {
                    let claimed = Event { owner: Some("evening".into()), ..event("incident_claimed", incident) };
                    desk.hear(&Told::Event(claimed), now);
                }
                if let Deed::Close { incident, .. } = &deed {
                    desk.hear(&Told::Event(event("incident_closed", incident)), now);
                }
                done.push((now, deed));
            }
            (_, None) => break,
        }
    }
    assert_eq!(done.len(), expected.lines().count(), "{done:?}");
    for (line, (at, deed)) in expected.lines().zip(done) {
        let (path, body) = deed.request();
        let mut words = line.split(' ');
        let (verb, id) = (words.next().unwrap(), words.next().unwrap());
        assert_eq!(path, format!("/api/v1/incidents/{id}/{verb}"));
        while let Some(word) = words.next() {
            match word {
                "by" => assert!(at <= words.next().unwrap().parse().unwrap(), "{verb} at {at}"),
                word => assert!(body.to_string().contains(word), "{body}"),
            }
        }
    }
}

fn line(line: &str) -> (u64, Event) {
    let words: Vec<&str> = line.split(' ').collect();
    let mut event = event(words[1], words[2]);
    match words.get(3) {
        Some(responder) if responder.starts_with("R-") => event.responder = Some((*responder).to_owned()),
        Some(subject) if subject.starts_with("S-") => event.subject = Some((*subject).to_owned()),
        Some(owner) => event.owner = Some((*owner).to_owned()),
        None => {}
    }
    (words[0].parse().unwrap(), event)
}

fn event(what: &str, incident: &str) -> Event {
    Event { what: what.to_owned(), incident: Some(incident.to_owned()), ..Event::default() }
}

/// Of a seed that answers the first incident.
fn desk() -> Desk {
    let answers = |seed: &u64| Chance::named(*seed, "operator").pct(habits().claim_pct);
    let seed = (0..100).find(answers).unwrap();
    Desk::new("evening", Some("S-0001".to_owned()), habits(), Chance::named(seed, "operator"))
}

fn habits() -> Operators {
    Operators {
        claim_pct: 60,
        claim: Span::of_s(4, 13),
        confirm: Span::of_s(9, 25),
        close: Span::of_s(15, 45),
        give_up_ms: 540_000,
        ..Operators::default()
    }
}
