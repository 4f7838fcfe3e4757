//! Spans of time: "between so much and so much", from which each case draws its own.

use toml::de::DeValue;

use crate::chance::Chance;
use crate::document::fields::{a, whole};

/// From the least to the most, both included, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub least_ms: u64,
    pub most_ms: u64,
}

/// The longest span that makes sense in a scenario: a day, in seconds.
const SPAN_MAX_S: u64 = 86_400;

impl Span {
    pub const fn of_s(least_s: u64, most_s: u64) -> Self {
        Self { least_ms: least_s * 1000, most_ms: most_s * 1000 }
    }

    pub fn draw(&self, chance: &mut Chance) -> u64 {
        chance.between(self.least_ms, self.most_ms)
    }

    /// Seconds: one number, or `[least, most]`.
    pub(super) fn read_s(value: &DeValue<'_>) -> Result<Self, String> {
        let (least, most) = pair(value, SPAN_MAX_S)?;
        Ok(Self::of_s(least, most))
    }

    /// Milliseconds, in the same way.
    pub(super) fn read_ms(value: &DeValue<'_>) -> Result<Self, String> {
        let (least_ms, most_ms) = pair(value, SPAN_MAX_S * 1000)?;
        Ok(Self { least_ms, most_ms })
    }
}

/// One whole number, which is both, or a list of the least and the most.
pub(super) fn pair(value: &DeValue<'_>, limit: u64) -> Result<(u64, u64), String> {
    if value.as_integer().is_some() {
        let one = whole(value, 0, limit)?;
        return Ok((one, one));
    }
    let items = value.as_array().ok_or_else(|| a(value))?;
    let [least, most] = items.iter().collect::<Vec<_>>()[..] else {
        return Err(format!("a list of {}", items.len()));
    };
    let (least, most) = (whole(least.get_ref(), 0, limit)?, whole(most.get_ref(), 0, limit)?);
    if least > most { Err(format!("[{least}, {most}], the least above the most")) } else { Ok((least, most)) }
}
