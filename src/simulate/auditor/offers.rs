//! Offers, answers and reports: nobody is asked twice at once, off duty, or after it is over; nobody is at two doors.

use super::books::{Books, Lease, Offer, OfferState};
use super::line::Line;
use super::{Expected, hold};

pub fn judge(books: &mut Books, line: &Line) -> Result<Option<Expected>, String> {
    match line.kind.as_str() {
        "offer_made" => made(books, line)?,
        "duty_changed" => duty(books, line)?,
        _ => answered(books, line)?,
    }
    Ok(None)
}

fn made(books: &mut Books, line: &Line) -> Result<(), String> {
    let (id, incident, responder) = (line.text("offer"), line.text("incident"), line.text("responder"));
    hold(!books.offers.contains_key(id), || format!("{id} was made before"))?;
    hold(books.on_duty.contains(responder), || format!("{responder} is off duty and was asked"))?;
    match line.maybe("turns") {
        Some(leaves) => asked_to_turn(books, line, leaves)?,
        None => {
            let held = books.held.insert(responder.to_owned(), id.to_owned());
            hold(held.is_none(), || format!("{responder} has {held:?} and was asked again"))?;
        }
    }
    let expires_at = line.time("expires_at").unwrap_or(i64::MIN);
    hold(expires_at > line.at, || format!("{id} has expired before it was made"))?;
    let it = books.open(incident)?;
    it.round.decided = true;
    it.round.ask_at = it.round.ask_at.or(Some(line.at));
    it.round.starved_since = None;
    it.offers.push(id.to_owned());
    it.asked.insert(responder.to_owned());
    it.wait_on_rung(line.at);
    let offer = Offer {
        incident: incident.to_owned(),
        responder: responder.to_owned(),
        round: it.round.number,
        state: OfferState::Pending,
        shown: false,
        expires_at,
        deliver_by: line.time("deliver_by").unwrap_or(expires_at),
        was_accepted: false,
        at_door: false,
        not_over_before: i64::MIN,
    };
    books.offers.insert(id.to_owned(), offer);
    Ok(())
}

/// Only from the way to something less urgent, and one question at a time.
fn asked_to_turn(books: &mut Books, line: &Line, leaves: &str) -> Result<(), String> {
    let (id, incident, responder) = (line.text("offer"), line.text("incident"), line.text("responder"));
    hold(books.held.get(responder).is_some_and(|it| it == leaves), || format!("{responder} does not hold {leaves}"))?;
    let before = books.turning.insert(responder.to_owned(), id.to_owned());
    hold(before.is_none(), || format!("{responder} was asked to turn by {before:?} already"))?;
    let left = &books.offers[leaves];
    hold(left.state == OfferState::UnderWay && !left.at_door, || format!("{leaves} is not on the way"))?;
    let urgency = |id: &str| books.incidents.get(id).map_or(0, |it| it.urgency);
    let (to, from) = (urgency(incident), urgency(&left.incident));
    hold(to < from, || format!("{responder} is to turn to urgency {to} from urgency {from}"))
}

fn duty(books: &mut Books, line: &Line) -> Result<(), String> {
    let responder = line.text("responder");
    if line.flag("on") {
        books.on_duty.insert(responder.to_owned());
        books.free_since.insert(responder.to_owned(), line.at);
    } else {
        books.on_duty.remove(responder);
        hold(!books.held.contains_key(responder), || format!("{responder} went off duty with something open"))?;
    }
    Ok(())
}

fn answered(books: &mut Books, line: &Line) -> Result<(), String> {
    let (id, responder) = (line.text("offer"), line.text("responder"));
    let it = books.offers.get_mut(id).ok_or_else(|| format!("{id} was never made"))?;
    hold(it.responder == responder, || format!("{id} was made to {}", it.responder))?;
    hold(it.incident == line.text("incident"), || format!("{id} is of incident {}", it.incident))?;
    let (pending, under_way) = (it.state == OfferState::Pending, it.state == OfferState::UnderWay);
    let late = line.at >= it.expires_at;
    match line.kind.as_str() {
        "offer_tried" => {}
        "offer_shown" => {
            hold(pending, || format!("{id} was shown when it was over"))?;
            it.shown = true;
        }
        "offer_accepted" => {
            hold(pending && !late, || format!("{id} was accepted after it was over at {}", it.expires_at))?;
            let held = books.held.get(responder);
            hold(held.is_some_and(|it| it == id), || format!("{responder} holds {held:?} and said yes to {id}"))?;
            (it.state, it.was_accepted) = (OfferState::UnderWay, true);
            let round = &mut books.open(line.text("incident"))?.round;
            // With somebody on the way nobody more is looked for.
            (round.rung_until, round.starved_since) = (None, None);
        }
        "offer_declined" => {
            hold(pending && !late, || format!("{id} was declined after it was over at {}", it.expires_at))?;
            end(books, id, line.at);
        }
        "offer_expired" => {
            hold(pending && line.at >= it.ends_at(), || format!("{id} expired before {}", it.ends_at()))?;
            hold(line.at >= it.not_over_before, || format!("{id} expired as soon as the service was back"))?;
            end(books, id, line.at);
        }
        "offer_withdrawn" => {
            hold(pending || under_way, || format!("{id} was withdrawn when it was over"))?;
            let left_door = line.text("reason") == "turned" && (it.at_door || !under_way);
            hold(!left_door, || format!("{responder} turned, and was not on the way"))?;
            end(books, id, line.at);
        }
        _ => reported(books, line)?,
    }
    Ok(())
}

/// En route, at the door, inside, clear. Late words fill in what was before.
fn reported(books: &mut Books, line: &Line) -> Result<(), String> {
    let id = line.text("offer");
    let it = &books.offers[id];
    hold(it.was_accepted, || format!("{id} was never accepted"))?;
    let occurred_at = line.time("occurred_at").unwrap_or(i64::MAX);
    hold(occurred_at <= line.at, || format!("a word about {id} from the future"))?;
    let (incident, round, under_way) = (it.incident.clone(), it.round, it.state == OfferState::UnderWay);
    let on = books.incident(&incident)?;
    let this_round = on.round.number == round;
    let reached = matches!(line.kind.as_str(), "responder_at_door" | "responder_inside");
    if reached && this_round {
        on.round.reached = true;
    }
    if reached && let Some(it) = books.offers.get_mut(id) {
        it.at_door = true;
    }
    if line.kind == "responder_clear" {
        hold(under_way, || format!("{id} was cleared when it was over"))?;
        end(books, id, line.at);
    }
    Ok(())
}

/// Over: the responder is free, and somebody else has to be asked.
fn end(books: &mut Books, id: &str, at: i64) {
    let Some(offer) = books.offers.get_mut(id) else { return };
    let was_under_way = std::mem::replace(&mut offer.state, OfferState::Over) == OfferState::UnderWay;
    if books.turning.get(&offer.responder).is_some_and(|turning| turning == id) {
        books.turning.remove(&offer.responder);
    } else if let Some(turning) = books.turning.remove(&offer.responder) {
        books.held.insert(offer.responder.clone(), turning);
    } else {
        books.held.remove(&offer.responder);
        books.free_since.insert(offer.responder.clone(), at);
    }
    if let Some(incident) = books.incidents.get_mut(&offer.incident) {
        incident.round.ask_at = incident.round.ask_at.map(|_| at);
        incident.round.freed_at = at;
        incident.offers.retain(|open| open != id);
        if was_under_way && !incident.round.reached {
            incident.round.lost_at = Some(at);
            incident.wait_on_rung(at);
        }
    }
}

/// The service is back: whoever waits for a person waits anew.
pub fn renew(books: &mut Books, line: &Line) -> Option<Expected> {
    let (until, deliver_by) = (line.time("offers_until"), line.time("deliver_by"));
    for offer in books.offers.values_mut().filter(|it| it.state == OfferState::Pending) {
        offer.expires_at = offer.expires_at.max(until.unwrap_or_default());
        offer.deliver_by = offer.deliver_by.max(deliver_by.unwrap_or_default());
    }
    let claims_until = line.time("claims_until").unwrap_or_default();
    for incident in books.incidents.values_mut().filter(|it| it.open && it.owner.is_some()) {
        incident.lease = match incident.lease {
            Lease::Connected | Lease::Until(_) => Lease::Until(claims_until),
            Lease::Untended => Lease::Untended,
        };
    }
    None
}
