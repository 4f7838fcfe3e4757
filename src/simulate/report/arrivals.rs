//! How long people waited: the share of those of a class at whose door somebody was after so many minutes, a line a
//! policy, and the promise as the line that must be crossed high.

use super::svg::{Svg, step};
use super::{Drawn, POLICY_CLASSES};
use crate::domain::Class;

const SIZE: (f64, f64) = (560.0, 300.0);
const LEFT: f64 = 44.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 42.0;

/// Bars of the histogram behind the lines: that of the first policy.
const BARS: usize = 40;

/// The time axis goes to this many times the promise; who came later still counts in the shares.
const PROMISES_SHOWN: f64 = 1.6;

pub(super) fn picture(drawn: &Drawn<'_>, class: Class) -> String {
    let promise_s = drawn.promise_s(class) as f64;
    let plot = Plot { end_s: promise_s * PROMISES_SHOWN };
    let mut svg = Svg::new(SIZE.0, SIZE.1, "Share of incidents at whose door somebody was, by minutes since the press");
    let waits: Vec<Waits> = (0..drawn.policies()).map(|policy| Waits::of(drawn, policy, class)).collect();
    if let Some(first) = waits.first() {
        plot.bars(&mut svg, first, promise_s);
    }
    plot.axes(&mut svg);
    svg.line("promise", (plot.x(promise_s), TOP), (plot.x(promise_s), SIZE.1 - BOTTOM));
    svg.text("", "start", (plot.x(promise_s) + 5.0, TOP + 10.0), &format!("promise {:.0} min", promise_s / 60.0));
    for (waits, of_policy) in waits.iter().zip(POLICY_CLASSES) {
        svg.path(&format!("policy {of_policy}"), &plot.curve(waits));
    }
    svg.done()
}

/// Seconds until somebody was at the door, sorted; and how many there were, those too at whose door nobody ever was.
struct Waits {
    all: usize,
    s: Vec<f64>,
}

impl Waits {
    fn of(drawn: &Drawn<'_>, policy: usize, class: Class) -> Self {
        let of_class: Vec<_> = drawn.cases(policy).filter(|it| it.class == class).collect();
        let mut s: Vec<f64> = of_class.iter().filter_map(|it| Some(it.arrival_ms()? as f64 / 1000.0)).collect();
        s.sort_by(f64::total_cmp);
        Self { all: of_class.len(), s }
    }
}

struct Plot {
    end_s: f64,
}

impl Plot {
    fn x(&self, s: f64) -> f64 {
        LEFT + (s / self.end_s).min(1.0) * (SIZE.0 - LEFT - RIGHT)
    }

    fn y(&self, share: f64) -> f64 {
        SIZE.1 - BOTTOM - share * (SIZE.1 - TOP - BOTTOM)
    }

    fn axes(&self, svg: &mut Svg) {
        for percent in [0.0, 25.0, 50.0, 75.0, 100.0] {
            let y = self.y(percent / 100.0);
            svg.line("axis", (LEFT, y), (SIZE.0 - RIGHT, y));
            svg.text("", "end", (LEFT - 6.0, y + 4.0), &format!("{percent:.0} %"));
        }
        let every = step(self.end_s / 60.0, 8);
        let mut minutes = 0.0;
        while minutes * 60.0 <= self.end_s {
            svg.text("", "middle", (self.x(minutes * 60.0), SIZE.1 - BOTTOM + 17.0), &format!("{minutes:.0}"));
            minutes += every;
        }
        svg.text("", "end", (SIZE.0 - RIGHT, SIZE.1 - 6.0), "minutes from the press to the door");
    }

    fn bars(&self, svg: &mut Svg, waits: &Waits, promise_s: f64) {
        let mut counts = [0_usize; BARS];
        for s in waits.s.iter().filter(|s| **s < self.end_s) {
            counts[((s / self.end_s) * BARS as f64) as usize] += 1;
        }
        let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
        let width = (SIZE.0 - LEFT - RIGHT) / BARS as f64;
        for (nth, count) in counts.into_iter().enumerate() {
            let (from_s, height) = (self.end_s * nth as f64 / BARS as f64, count as f64 / most * 0.55);
            let class = if from_s >= promise_s { "late" } else { "bar" };
            let top = self.y(height);
            svg.rect(class, (self.x(from_s) + 0.5, top), (width - 1.0, self.y(0.0) - top));
        }
    }

    /// Thinned to what a screen can show.
    fn curve(&self, waits: &Waits) -> Vec<(f64, f64)> {
        let all = waits.all.max(1) as f64;
        let stride = waits.s.len().div_ceil(400).max(1);
        let mut points = vec![(self.x(0.0), self.y(0.0))];
        let shown = waits.s.iter().enumerate().filter(|(nth, s)| nth % stride == 0 && **s <= self.end_s);
        points.extend(shown.map(|(nth, s)| (self.x(*s), self.y((nth + 1) as f64 / all))));
        let within = waits.s.partition_point(|s| *s <= self.end_s);
        points.push((self.x(self.end_s), self.y(within as f64 / all)));
        points
    }
}
