//! The differences to the first policy: a dot for the mean, a line for its interval. Left of nought is better in all of
//! them; a line that does not touch nought is a difference, one that does may be none.

use super::svg::{Svg, step};
use crate::simulate::paired::Paired;

const WIDTH: f64 = 560.0;
const ROW: f64 = 30.0;
const LEFT: f64 = 130.0;
const RIGHT: f64 = 150.0;
const TOP: f64 = 8.0;
const FOOT: f64 = 36.0;

/// One picture a measure; `None` where there is nothing to compare.
pub(super) fn picture(paired: &[Paired], measure: &str) -> Option<String> {
    let rows: Vec<&Paired> = paired.iter().filter(|it| it.measure == measure).collect();
    let first = rows.first()?;
    let (factor, unit) = unit(measure);
    let reach = |it: &&Paired| (it.mean.abs() + it.half_width_95.unwrap_or(0.0)) * factor;
    let most = rows.iter().map(reach).fold(0.0, f64::max).max(1e-6) * 1.1;
    let height = TOP + ROW * rows.len() as f64 + FOOT;
    let x = |value: f64| LEFT + (value / most + 1.0) / 2.0 * (WIDTH - LEFT - RIGHT);
    let mut svg = Svg::new(WIDTH, height, &format!("Differences in {measure} to {}", first.against));
    let every = step(most, 2);
    for tick in [-2.0, -1.0, 0.0, 1.0, 2.0].map(|it| it * every).into_iter().filter(|it| it.abs() <= most) {
        svg.line("axis", (x(tick), TOP), (x(tick), height - FOOT));
        svg.text("", "middle", (x(tick), height - FOOT + 16.0), &format!("{}", (tick * 1000.0).round() / 1000.0));
    }
    svg.text("", "start", (LEFT, height - 4.0), &format!("{unit} against {}; left is better", first.against));
    for (nth, it) in rows.iter().enumerate() {
        let y = TOP + ROW * (nth as f64 + 0.5);
        let (mean, half) = (it.mean * factor, it.half_width_95.unwrap_or(0.0) * factor);
        svg.text("ink", "end", (LEFT - 10.0, y + 4.0), &it.policy);
        svg.line("policy", (x(mean - half), y), (x(mean + half), y));
        let class = if mean + half < 0.0 {
            "safe"
        } else if mean - half > 0.0 {
            "late"
        } else {
            "bar"
        };
        svg.circle(class, (x(mean), y), 5.0);
        svg.text("ink", "start", (WIDTH - RIGHT + 10.0, y + 4.0), &format!("{mean:+.2} ± {half:.2}"));
    }
    Some(svg.done())
}

/// What the numbers are multiplied with, and what they then are.
fn unit(measure: &str) -> (f64, &'static str) {
    match measure {
        "late" | "uncovered" => (100.0, "percentage points"),
        _ => (1.0, "seconds"),
    }
}
