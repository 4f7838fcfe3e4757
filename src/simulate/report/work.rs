//! The workload of each responder: the share of their time on duty in which they were on a job, the busiest first, and
//! how many jobs that was.

use super::Drawn;
use super::svg::Svg;
use crate::domain::Tier;
use crate::simulate::play::{Availability, Work};

const WIDTH: f64 = 560.0;
const ROW: f64 = 15.0;
const LEFT: f64 = 150.0;
const RIGHT: f64 = 110.0;
const FOOT: f64 = 24.0;

/// As many as can be read; the others are summed up in words.
const SHOWN_MOST: usize = 18;

struct Person {
    name: String,
    tier: Tier,
    share: f64,
    jobs: f64,
}

pub(super) fn picture(drawn: &Drawn<'_>, policy: usize) -> String {
    let mut people = people(drawn, policy);
    people.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.name.cmp(&b.name)));
    let others = people.split_off(people.len().min(SHOWN_MOST));
    let height = ROW * people.len() as f64 + FOOT + 20.0;
    let mut svg = Svg::new(WIDTH, height, "Share of the time on duty that each responder was on a job");
    let most = people.first().map_or(1.0, |it| it.share).max(0.05);
    let full = WIDTH - LEFT - RIGHT;
    for (nth, it) in people.iter().enumerate() {
        let y = ROW * nth as f64;
        svg.text("", "end", (LEFT - 8.0, y + 11.5), &format!("{} {}", it.name, word(it.tier)));
        svg.rect("soft", (LEFT, y + 2.0), (full, ROW - 5.0));
        let class = if it.share > 0.8 { "late" } else { "bar" };
        svg.rect(class, (LEFT, y + 2.0), (full * it.share / most, ROW - 5.0));
        svg.text(
            "ink",
            "start",
            (LEFT + full + 8.0, y + 11.5),
            &format!("{:.0} %, {:.1} jobs", it.share * 100.0, it.jobs),
        );
    }
    let rest = others.iter().map(|it| it.share).fold(0.0, f64::max);
    let words = if others.is_empty() {
        String::new()
    } else {
        format!("{} others, none over {:.0} %", others.len(), rest * 100.0)
    };
    svg.text("", "start", (LEFT, height - 8.0), &words);
    svg.done()
}

fn people(drawn: &Drawn<'_>, policy: usize) -> Vec<Person> {
    let responders = &drawn.scenario.population.responders;
    let mut sums = vec![(Work::default(), 0_u64); responders.len()];
    let mut runs = 0.0;
    for played in drawn.played(policy) {
        runs += 1.0;
        let availability = Availability::all(drawn.scenario, played.run.seed);
        for ((sum, work), availability) in sums.iter_mut().zip(&played.run.tally.work).zip(availability) {
            sum.0.jobs += work.jobs;
            sum.0.busy_ms += work.busy_ms;
            sum.1 += availability.duties.iter().map(|(from, to)| to - from).sum::<u64>();
        }
    }
    let person = |(it, (work, duty_ms)): (&std::sync::Arc<crate::domain::Responder>, (Work, u64))| Person {
        name: it.id.to_string(),
        tier: it.tier,
        share: work.busy_ms as f64 / duty_ms.max(1) as f64,
        jobs: work.jobs as f64 / f64::max(runs, 1.0),
    };
    responders.iter().zip(sums).map(person).collect()
}

fn word(tier: Tier) -> &'static str {
    match tier {
        Tier::Keyholder => "keyholder",
        Tier::Volunteer => "volunteer",
        Tier::Staff => "staff",
    }
}
