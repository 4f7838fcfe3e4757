//! Why incidents were late: the first thing without which each could have been kept, as far as that could be known when it
//! was opened. Estimates are those of the service, whatever ways really took.

use serde::Serialize;

use super::play::Case;

/// Why a promise was missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Nobody on duty would have been there in time, not even at once.
    Far,
    /// Those who would have been were asked or under way elsewhere, or without a link.
    Busy,
    /// Somebody said yes and did not get there.
    Lost,
    /// Whoever came would have been in time by the estimate, and the way took longer.
    Slow,
    /// Time went by until somebody said yes, or nobody near did.
    Refused,
}

impl Cause {
    pub const ALL: [Self; 5] = [Self::Far, Self::Busy, Self::Lost, Self::Slow, Self::Refused];

    /// Of an incident that was late.
    pub fn of(case: &Case) -> Self {
        let in_time = |ms: Option<u64>| ms.is_some_and(|it| case.pressed_ms + it <= case.due_ms);
        if !in_time(case.around.on_duty_ms) {
            return Self::Far;
        }
        if !in_time(case.around.free_ms) {
            return Self::Busy;
        }
        if case.was_lost {
            return Self::Lost;
        }
        match case.way {
            Some((yes_ms, estimate_ms)) if yes_ms + estimate_ms <= case.due_ms => Self::Slow,
            Some(_) | None => Self::Refused,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Far => "nobody on duty was near enough",
            Self::Busy => "those near enough were busy or without a link",
            Self::Lost => "somebody said yes and did not get there",
            Self::Slow => "the way took longer than estimated",
            Self::Refused => "those near enough were asked and said no, or nothing",
        }
    }
}

/// How many incidents were late for which reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Causes {
    pub far: u64,
    pub busy: u64,
    pub lost: u64,
    pub slow: u64,
    pub refused: u64,
}

impl Causes {
    /// Of those among `cases` that were late.
    pub fn of<'a>(cases: impl Iterator<Item = &'a Case>) -> Self {
        let mut causes = Self::default();
        cases.filter(|it| it.is_late()).for_each(|it| *causes.mut_of(Cause::of(it)) += 1);
        causes
    }

    pub fn count(&self, cause: Cause) -> u64 {
        *{ *self }.mut_of(cause)
    }

    fn mut_of(&mut self, cause: Cause) -> &mut u64 {
        match cause {
            Cause::Far => &mut self.far,
            Cause::Busy => &mut self.busy,
            Cause::Lost => &mut self.lost,
            Cause::Slow => &mut self.slow,
            Cause::Refused => &mut self.refused,
        }
    }
}
