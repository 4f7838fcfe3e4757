use super::*;
use crate::domain::Tier;
use crate::scenario::Span;

const FAR: &str = "330481-o1";

#[test]
fn one_who_says_yes_goes_there_and_is_done() {
    let transcript = play(&mut mind(100), vec![(0, Hear::Offer(job(FAR, None)))], 600_000);
    assert_eq!(words(&transcript), ["shown", "accept", "en_route", "at_door", "inside", "clear"]);
    let arrived = transcript.iter().find(|(_, say)| word(say) == Some("at_door")).unwrap().0;
    assert!((45_000..190_000).contains(&arrived), "at the door after {arrived} ms");
}

#[test]
fn the_way_leads_to_the_door_without_a_jump() {
    let transcript = play(&mut mind(100), vec![(0, Hear::Offer(job(FAR, None)))], 200_000);
    let left = transcript.iter().position(|(_, say)| word(say) == Some("en_route")).unwrap();
    let there = transcript.iter().position(|(_, say)| word(say) == Some("at_door")).unwrap();
    let way: Vec<Point> = transcript[left..there]
        .iter()
        .filter_map(|(_, say)| if let Say::Position { point } = say { Some(*point) } else { None })
        .collect();
    assert!(way.len() >= 14, "{} positions", way.len());
    for pair in way.windows(2) {
        assert!(crate::geo::distance_m(pair[1], DOOR()) <= crate::geo::distance_m(pair[0], DOOR()));
    }
    assert!(crate::geo::distance_m(*way.last().unwrap(), DOOR()) < 400);
}

#[test]
fn one_who_will_not_come_says_no_or_nothing_and_is_asked_again() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..40 {
        let mut mind = Mind { chance: Chance::named(seed, "r"), ..mind(0) };
        let transcript = play(&mut mind, vec![(0, Hear::Offer(job(FAR, None)))], 60_000);
        assert_eq!(mind.doing, Doing::Free);
        seen.insert(words(&transcript).join(" "));
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["shown", "shown decline"]);
}

#[test]
fn a_withdrawn_assignment_ends_the_way() {
    let gone = Hear::Gone { offer: FAR.to_owned() };
    let transcript = play(&mut mind(100), vec![(0, Hear::Offer(job(FAR, None))), (40_000, gone)], 400_000);
    assert_eq!(words(&transcript), ["shown", "accept", "en_route"]);
}

#[test]
fn what_the_service_knows_after_a_lost_link_holds() {
    let state = |assignment| Hear::State { duty: true, offers: Vec::new(), assignment };
    let inside = Some(job(FAR, Some("inside")));
    let transcript = play(&mut mind(100), vec![(0, state(inside))], 300_000);
    assert_eq!(words(&transcript), ["clear"]);
    let lost = vec![(0, Hear::Offer(job(FAR, None))), (40_000, state(None))];
    assert_eq!(words(&play(&mut mind(100), lost, 400_000)), ["shown", "accept", "en_route"]);
}

#[test]
fn one_with_an_assignment_takes_no_second_offer() {
    let second = Hear::Offer(job("330481-o2", None));
    let transcript = play(&mut mind(100), vec![(0, Hear::Offer(job(FAR, None))), (50_000, second)], 60_000);
    assert_eq!(words(&transcript), ["shown", "accept", "en_route"]);
}

#[test]
fn off_duty_the_first_word_is_on_duty() {
    let state = Hear::State { duty: false, offers: Vec::new(), assignment: None };
    assert_eq!(mind(0).hear(state, 0).first(), Some(&Say::OnDuty));
}

#[allow(non_snake_case, reason = "it reads as the constant that floats cannot make")]
fn DOOR() -> Point {
    Point::from_degrees(30.545, 120.70).unwrap()
}

fn responder() -> Responder {
    Responder {
        id: "R-001".parse().unwrap(),
        district: "330481".parse().unwrap(),
        name: String::new(),
        phone: String::new(),
        tier: Tier::Staff,
        skills: Vec::new(),
        travel: Travel::Ebike,
        base: Point::from_degrees(30.53, 120.69).unwrap(),
    }
}

/// Six times as fast as they would be.
fn mind(accept_pct: u64) -> Mind {
    let behaviour = Behaviour { accept_pct, on_scene: Span::of_s(180, 600), ..Behaviour::preset(Tier::Staff) };
    Mind::new(&responder(), 0, Habits { behaviour, speed: 6 }, Chance::named(7, "R-001"), 0)
}

fn job(offer: &str, state: Option<&str>) -> Job {
    let place = super::super::words::Where { lat: Some(30.545), lon: Some(120.70) };
    Job {
        offer: offer.to_owned(),
        incident: "330481-1".to_owned(),
        state: state.map(str::to_owned),
        eta_s: None,
        place: Some(place),
    }
}

/// Plays until `end_ms`; a service that says yes to every acceptance answers at once.
fn play(mind: &mut Mind, mut heard: Vec<(u64, Hear)>, end_ms: u64) -> Vec<(u64, Say)> {
    let mut transcript = Vec::new();
    loop {
        let next_heard = heard.first().map_or(u64::MAX, |(at, _)| *at);
        let now_ms = next_heard.min(mind.next_due_ms());
        if now_ms > end_ms {
            return transcript;
        }
        let said = if next_heard == now_ms { mind.hear(heard.remove(0).1, now_ms) } else { mind.tick(now_ms) };
        for say in said {
            if let Say::Accept { offer } = &say {
                assert!(mind.hear(Hear::Assigned(job(offer, Some("accepted"))), now_ms).is_empty());
            }
            transcript.push((now_ms, say));
        }
    }
}

fn words(transcript: &[(u64, Say)]) -> Vec<&'static str> {
    transcript.iter().filter_map(|(_, say)| word(say)).collect()
}

fn word(say: &Say) -> Option<&'static str> {
    match say {
        Say::OnDuty => Some("duty"),
        Say::Shown { .. } => Some("shown"),
        Say::Accept { .. } => Some("accept"),
        Say::Decline { .. } => Some("decline"),
        Say::Status { state, .. } => Some(state),
        Say::Position { .. } => None,
    }
}
