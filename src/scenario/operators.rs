//! How the operators of a scenario work: how many there are, and how long they take for what.

use super::keys;
use super::span::Span;
use crate::document::Fields;
use crate::document::fields::whole;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operators {
    pub count: u64,
    /// Consoles that are open and look on, those of the operators among them.
    pub consoles: u64,
    /// Of a hundred incidents, so many are claimed by somebody; the others go by themselves.
    pub claim_pct: u64,
    pub claim: Span,
    pub confirm: Span,
    pub close: Span,
    /// Until a free operator has the telephone at the ear.
    pub pick_up: Span,
    pub talk: Span,
    /// A caller who hears nobody hangs up after this.
    pub patience: Span,
    /// Of a hundred calls that are answered, so many are an emergency.
    pub emergency_pct: u64,
    /// Of a hundred incidents that are called back first, so many turn out to need nobody.
    pub no_help_pct: u64,
    /// Nobody of ours having been at the door by then, it is in the hands of others, and closed.
    pub give_up_ms: u64,
}

const COUNT_MAX: u64 = 1_000;
const CONSOLES_MAX: u64 = 100_000;
const PCT: u64 = 100;
const GIVE_UP_MAX_S: u64 = 86_400;

impl Default for Operators {
    /// Assumptions, but for the fifteen seconds in which most calls are to be answered.
    fn default() -> Self {
        Self {
            count: 2,
            consoles: 2,
            claim_pct: 70,
            claim: Span::of_s(5, 15),
            confirm: Span::of_s(10, 40),
            close: Span::of_s(15, 60),
            pick_up: Span::of_s(3, 9),
            talk: Span::of_s(40, 150),
            patience: Span::of_s(40, 120),
            emergency_pct: 8,
            no_help_pct: 60,
            give_up_ms: 7_200_000,
        }
    }
}

impl Operators {
    pub(super) fn read(fields: &mut Fields<'_, '_, '_>) -> Self {
        let preset = Self::default();
        let mut whole_of = |key, least, most| fields.may(key, |value| whole(value, least, most));
        let (count, claim_pct) =
            (whole_of(&keys::COUNT_OF_OPERATORS, 1, COUNT_MAX), whole_of(&keys::CLAIM_PCT, 0, PCT));
        let consoles = whole_of(&keys::CONSOLES, 1, CONSOLES_MAX);
        let emergency_pct = whole_of(&keys::EMERGENCY_PCT, 0, PCT);
        let no_help_pct = whole_of(&keys::NO_HELP_PCT, 0, PCT);
        let give_up_s = whole_of(&keys::GIVE_UP_S, 1, GIVE_UP_MAX_S);
        let mut span = |key, preset| fields.may(key, Span::read_s).unwrap_or(preset);
        Self {
            count: count.unwrap_or(preset.count),
            consoles: consoles.or(count).unwrap_or(preset.consoles),
            claim_pct: claim_pct.unwrap_or(preset.claim_pct),
            claim: span(&keys::CLAIM_S, preset.claim),
            confirm: span(&keys::CONFIRM_S, preset.confirm),
            close: span(&keys::CLOSE_S, preset.close),
            pick_up: span(&keys::PICK_UP_S, preset.pick_up),
            talk: span(&keys::TALK_S, preset.talk),
            patience: span(&keys::PATIENCE_S, preset.patience),
            emergency_pct: emergency_pct.unwrap_or(preset.emergency_pct),
            no_help_pct: no_help_pct.unwrap_or(preset.no_help_pct),
            give_up_ms: give_up_s.map_or(preset.give_up_ms, |it| it * 1000),
        }
    }
}
