//! Where somebody is: standing, or on the way in a straight line at an even speed.

use crate::domain::Point;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whereabouts {
    At(Point),
    Way { from: Point, to: Point, since_ms: u64, until_ms: u64 },
}

impl Whereabouts {
    pub fn way(from: Point, to: Point, since_ms: u64, takes_ms: u64) -> Self {
        Self::Way { from, to, since_ms, until_ms: since_ms + takes_ms }
    }

    pub fn point(&self, now_ms: u64) -> Point {
        let (from, to, since_ms, until_ms) = match *self {
            Self::At(point) => return point,
            Self::Way { from, to, since_ms, until_ms } => (from, to, since_ms, until_ms),
        };
        if now_ms >= until_ms {
            return to;
        }
        let part = now_ms.saturating_sub(since_ms) as f64 / (until_ms - since_ms) as f64;
        let mix = |a: f64, b: f64| a + (b - a) * part;
        Point::from_degrees(mix(from.lat(), to.lat()), mix(from.lon(), to.lon())).unwrap_or(to)
    }

    pub fn is_moving(&self, now_ms: u64) -> bool {
        matches!(self, Self::Way { until_ms, .. } if now_ms < *until_ms)
    }
}
