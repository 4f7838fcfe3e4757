//! How responders behave, by tier: when they are on duty, how often and how soon they say yes, how fast they travel,
//! how long they stay, how often their telephone has no network.

use toml::de::DeValue;

use super::span::{Span, pair};
use super::{Clock, keys};
use crate::document::fields::{list, string, whole};
use crate::document::{Fields, shown};
use crate::domain::Tier;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behaviour {
    /// The responders of the tier are dealt to these in the order of their ids; none: always on duty.
    pub shifts: Vec<Shift>,
    /// Of a hundred offers, so many are answered with yes.
    pub accept_pct: u64,
    /// Of a hundred that are not, so many are declined; the others are left without an answer.
    pub no_pct: u64,
    /// From the offer on the screen to the answer.
    pub answer: Span,
    /// The way in percent of what the estimate says.
    pub travel_pct: (u64, u64),
    /// From the door to the end.
    pub on_scene: Span,
    /// Of a hundred who said yes, so many do not get away after all, and say so a few minutes later.
    pub turns_back_pct: u64,
    /// Losses of the network a day, and how long each lasts.
    pub lost_a_day: u64,
    pub lost: Span,
}

/// From and to, in milliseconds of the day; one that ends before it begins lasts over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift {
    pub from_ms: u64,
    pub to_ms: u64,
}

const PCT: u64 = 100;

/// As slow as on foot through a flood, as fast as nobody is; percent of the estimate.
const TRAVEL_MAX_PCT: u64 = 1_000;

const LOST_A_DAY_MAX: u64 = 100;

impl Behaviour {
    /// What is assumed of a tier of which the scenario says nothing. Volunteers say yes to 17 to 47 % of alerts in
    /// published studies; the others are assumptions.
    pub fn preset(tier: Tier) -> Self {
        let (accept_pct, no_pct, answer) = match tier {
            Tier::Staff => (90, 60, Span::of_s(3, 15)),
            Tier::Volunteer => (35, 50, Span::of_s(4, 25)),
            Tier::Keyholder => (55, 50, Span::of_s(4, 25)),
        };
        Self {
            shifts: Vec::new(),
            accept_pct,
            no_pct,
            answer,
            travel_pct: (85, 130),
            on_scene: Span::of_s(600, 1_800),
            turns_back_pct: 0,
            lost_a_day: 0,
            lost: Span::of_s(30, 600),
        }
    }

    pub(super) fn read(fields: &mut Fields<'_, '_, '_>, tier: Tier) -> Self {
        let preset = Self::preset(tier);
        let mut pct = |key| fields.may(key, |value| whole(value, 0, PCT));
        let (accept_pct, no_pct) = (pct(&keys::ACCEPT_PCT), pct(&keys::NO_PCT));
        let turns_back_pct = pct(&keys::TURNS_BACK_PCT);
        Self {
            shifts: fields.may(&keys::SHIFTS, |value| list(value, shift)).unwrap_or_default(),
            accept_pct: accept_pct.unwrap_or(preset.accept_pct),
            no_pct: no_pct.unwrap_or(preset.no_pct),
            answer: fields.may(&keys::ANSWER_S, Span::read_s).unwrap_or(preset.answer),
            travel_pct: fields.may(&keys::TRAVEL_PCT, travel_pct).unwrap_or(preset.travel_pct),
            on_scene: fields.may(&keys::ON_SCENE_S, Span::read_s).unwrap_or(preset.on_scene),
            turns_back_pct: turns_back_pct.unwrap_or(preset.turns_back_pct),
            lost_a_day: fields.may(&keys::LOST_A_DAY, |it| whole(it, 0, LOST_A_DAY_MAX)).unwrap_or(0),
            lost: fields.may(&keys::LOST_S, Span::read_s).unwrap_or(preset.lost),
        }
    }

    /// When the `nth` responder of the tier is on duty in a scenario: from and to, in milliseconds since its start,
    /// in their order and apart.
    pub fn duties(&self, nth: usize, clock: &Clock) -> Vec<(u64, u64)> {
        match self.shifts.get(nth % self.shifts.len().max(1)) {
            Some(shift) => shift.within(clock),
            None => vec![(0, clock.length_ms)],
        }
    }
}

impl Shift {
    fn within(&self, clock: &Clock) -> Vec<(u64, u64)> {
        const DAY_MS: u64 = 86_400_000;
        let lasts_ms = (self.to_ms + DAY_MS - self.from_ms - 1) % DAY_MS + 1;
        let began = clock.day_ms(0);
        // The shift that began before the scenario did, and then one a day.
        let first = self.from_ms + DAY_MS - began;
        let mut duties = Vec::new();
        let mut from = i64::try_from(first % DAY_MS).expect("a day fits") - DAY_MS as i64;
        while from < clock.length_ms as i64 {
            let to = from + lasts_ms as i64;
            if to > 0 {
                duties.push((from.max(0) as u64, (to as u64).min(clock.length_ms)));
            }
            from += DAY_MS as i64;
        }
        duties
    }
}

fn travel_pct(value: &DeValue<'_>) -> Result<(u64, u64), String> {
    let (least, most) = pair(value, TRAVEL_MAX_PCT)?;
    if least == 0 { Err("0, which nobody is as fast as".to_owned()) } else { Ok((least, most)) }
}

/// `HH:MM-HH:MM`.
fn shift(value: &DeValue<'_>) -> Result<Shift, String> {
    let text = string(value)?;
    let bad = || format!("`{}`", shown(text));
    let (from, to) = text.split_once('-').ok_or_else(bad)?;
    let clock = |text: &str| {
        let (hours, minutes) = text.split_once(':')?;
        let is_two = |it: &str| it.len() == 2 && it.bytes().all(|byte| byte.is_ascii_digit());
        if !is_two(hours) || !is_two(minutes) {
            return None;
        }
        let (hours, minutes): (u64, u64) = (hours.parse().ok()?, minutes.parse().ok()?);
        (hours < 24 && minutes < 60).then_some((hours * 60 + minutes) * 60_000)
    };
    Ok(Shift { from_ms: clock(from).ok_or_else(bad)?, to_ms: clock(to).ok_or_else(bad)? })
}
