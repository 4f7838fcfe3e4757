//! The promise over the day: for each hour how many incidents there were, and how many of them were late.

use super::Drawn;
use super::svg::{Svg, step};

const SIZE: (f64, f64) = (560.0, 240.0);
const LEFT: f64 = 40.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 40.0;

/// Of one policy.
pub(super) fn picture(drawn: &Drawn<'_>, policy: usize) -> String {
    let mut hours = [(0_u64, 0_u64); 24];
    for case in drawn.cases(policy) {
        let (all, late) = &mut hours[drawn.scenario.clock.hour(case.pressed_ms)];
        *all += 1;
        *late += u64::from(case.is_late());
    }
    let most = hours.iter().map(|(all, _)| *all).max().unwrap_or(0).max(1) as f64;
    let mut svg = Svg::new(SIZE.0, SIZE.1, "Incidents by the hour of the day, kept and late");
    let floor = SIZE.1 - BOTTOM;
    let y = |count: f64| floor - count / most * (floor - TOP);
    let every = step(most, 4).max(1.0);
    let mut count = 0.0;
    while count <= most {
        svg.line("axis", (LEFT, y(count)), (SIZE.0, y(count)));
        svg.text("", "end", (LEFT - 6.0, y(count) + 4.0), &format!("{count:.0}"));
        count += every;
    }
    let width = (SIZE.0 - LEFT) / 24.0;
    for (hour, (all, late)) in hours.into_iter().enumerate() {
        let (x, all, late) = (LEFT + width * hour as f64, all as f64, late as f64);
        svg.rect("safe", (x + 2.0, y(all)), (width - 4.0, y(late) - y(all)));
        svg.rect("late", (x + 2.0, y(late)), (width - 4.0, floor - y(late)));
        if hour % 3 == 0 {
            svg.text("", "middle", (x + width / 2.0, floor + 17.0), &format!("{hour:02}"));
        }
    }
    svg.text("", "end", (SIZE.0, SIZE.1 - 6.0), "hour of the day; late below, kept above");
    svg.done()
}
