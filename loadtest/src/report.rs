//! The report: one page that opens anywhere, with the stages as curves over time, the floor of the same run under them,
//! and what was expected.

use std::fmt::Write;

use tidewatch::scenario::Scenario;
use tidewatch::simulate::report::svg::{Svg, escaped, step};
use tidewatch::simulate::report::{framed, pane, row};

use crate::figures::{Judged, Outcome};
use crate::stage::{Latency, Second, Stage};

const SIZE: (f64, f64) = (560.0, 260.0);
const LEFT: f64 = 58.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 42.0;

/// What is shorter is drawn here, in milliseconds: the axis is logarithmic.
const LEAST_MS: f64 = 0.1;

pub fn page(scenario: &Scenario, outcome: &Outcome, judged: &[Judged], command: &str) -> String {
    let mut body = format!(
        "<h1>{}</h1><p class=\"dim\">{} · {} homes, {} devices, {} responders, {} consoles</p><p>{}</p>",
        escaped(&scenario.title),
        escaped(&scenario.name),
        scenario.population.homes.len(),
        scenario.population.devices(),
        scenario.population.responders.len(),
        outcome.consoles.consoles,
        escaped(&scenario.why),
    );
    body.push_str(&numbers(outcome, judged));
    body.push_str(&pane("Stages", "From the moment at which the scenario wanted the alarm said.", &stages(outcome)));
    let told =
        "By the second in which the alarm was meant. Line: p99; dashed: the median; amber: the disk's sync, p99.";
    let of = |(title, stage): (&str, &Stage)| pane(title, told, &curve(outcome, &stage.seconds()));
    let (ack, offer, shown) = (&outcome.stages.ack, &outcome.stages.offer, &outcome.stages.console);
    body.push_str(&row(&[("Acknowledged", ack), ("Offered, somebody free", offer)].map(of)));
    body.push_str(&row(&[of(("Shown, at every console", shown)), pane("Alarms a second", "", &bars(&ack.seconds()))]));
    body.push_str(&pane("Expectations", "", &expectations(judged)));
    framed(&scenario.title, &body, command)
}

fn numbers(outcome: &Outcome, judged: &[Judged]) -> String {
    let it = &outcome.findings;
    let held = judged.iter().all(|it| it.ok);
    let unanswered = it.sent - it.acknowledged;
    let wrong = it.lost + it.doubled + outcome.record.asked_twice;
    let mut text = String::from("<div class=\"numbers\">");
    let mut number = |class: &str, value: String, told: &str| {
        write!(text, "<div class=\"number {class}\"><b>{value}</b><span>{told}</span></div>")
            .expect("a string takes all");
    };
    number(if held { "good" } else { "bad" }, if held { "held" } else { "failed" }.to_owned(), "expectations");
    number(
        if unanswered == 0 { "" } else { "bad" },
        it.acknowledged.to_string(),
        &format!("of {} acknowledged", it.sent),
    );
    number(
        if wrong == 0 { "" } else { "bad" },
        format!("{} · {} · {}", it.lost, it.doubled, outcome.record.asked_twice),
        "lost · doubled · asked twice",
    );
    number("", format!("{:.2} s", outcome.counts.all_answered_s), "from the first to all answered");
    number("", format!("{} · {}", outcome.counts.refusals, outcome.counts.restarts), "refusals · restarts");
    number(
        if outcome.consoles.gaps + outcome.consoles.twice == 0 { "" } else { "bad" },
        format!("{:.1} MB", outcome.consoles.bytes as f64 / 1e6),
        "to the consoles, no number left out",
    );
    text + "</div>"
}

fn stages(outcome: &Outcome) -> String {
    let mut text = String::from(
        "<table><tr><th>ms</th><th class=\"n\">n</th><th class=\"n\">p50</th><th class=\"n\">p99</th>\
         <th class=\"n\">p99.9</th><th class=\"n\">max</th></tr>",
    );
    let mut line = |name: &str, it: Latency| {
        let cells: String = [it.p50, it.p99, it.p999, it.max]
            .iter()
            .map(|it| format!("<td class=\"n\">{}</td>", it.map_or("–".to_owned(), |it| format!("{it:.1}"))))
            .collect();
        write!(text, "<tr><td>{name}</td><td class=\"n\">{}</td>{cells}</tr>", it.n).expect("a string takes all");
    };
    line("acknowledged", outcome.stages.ack.latency());
    line("offered, somebody free", outcome.stages.offer.latency());
    line("shown, at every console", outcome.stages.console.latency());
    let mut floor = |name: &str, it: crate::floor::Floor| {
        line(name, Latency { n: 0, p50: Some(it.p50), p99: Some(it.p99), p999: None, max: None });
    };
    if let Some(it) = outcome.floors.fdatasync_ms {
        floor("floor: fdatasync", it);
    }
    floor("floor: bare socket echo", outcome.floors.echo_ms);
    text + "</table>"
}

/// p99 and median over the seconds, on a logarithmic axis.
fn curve(outcome: &Outcome, seconds: &[Second]) -> String {
    let mut svg = Svg::new(SIZE.0, SIZE.1, "Milliseconds by the second in which the alarm was meant");
    let end_s = seconds.last().map_or(1, |it| it.s + 1) as f64;
    let most = seconds.iter().map(|it| it.p99).fold(1.0, f64::max);
    let decades = (most / LEAST_MS).log10().ceil().max(1.0);
    let floor = SIZE.1 - BOTTOM;
    let x = |s: f64| LEFT + s / end_s * (SIZE.0 - LEFT - RIGHT);
    let y = |ms: f64| floor - (ms.max(LEAST_MS) / LEAST_MS).log10() / decades * (floor - TOP);
    for decade in 0..=decades as i32 {
        let ms = LEAST_MS * 10_f64.powi(decade);
        svg.line("axis", (LEFT, y(ms)), (SIZE.0 - RIGHT, y(ms)));
        svg.text(
            "",
            "end",
            (LEFT - 6.0, y(ms) + 4.0),
            &if ms < 1.0 { format!("{ms:.1} ms") } else { format!("{ms:.0} ms") },
        );
    }
    time_axis(&mut svg, end_s, x);
    if let Some(disk) = outcome.floors.fdatasync_ms {
        svg.line("promise", (LEFT, y(disk.p99)), (SIZE.0 - RIGHT, y(disk.p99)));
    }
    let line = |of: fn(&Second) -> f64| seconds.iter().map(|it| (x(it.s as f64 + 0.5), y(of(it)))).collect::<Vec<_>>();
    svg.path("policy p2", &line(|it| it.p50));
    svg.path("policy p1", &line(|it| it.p99));
    seconds.iter().for_each(|it| svg.circle("ink", (x(it.s as f64 + 0.5), y(it.p99)), 2.0));
    svg.done()
}

fn bars(seconds: &[Second]) -> String {
    let mut svg = Svg::new(SIZE.0, SIZE.1, "Alarms meant in each second");
    let end_s = seconds.last().map_or(1, |it| it.s + 1) as f64;
    let most = seconds.iter().map(|it| it.n).max().unwrap_or(1).max(1) as f64;
    let floor = SIZE.1 - BOTTOM;
    let x = |s: f64| LEFT + s / end_s * (SIZE.0 - LEFT - RIGHT);
    let y = |count: f64| floor - count / most * (floor - TOP);
    let every = step(most, 4).max(1.0);
    let mut count = 0.0;
    while count <= most {
        svg.line("axis", (LEFT, y(count)), (SIZE.0 - RIGHT, y(count)));
        svg.text("", "end", (LEFT - 6.0, y(count) + 4.0), &format!("{count:.0}"));
        count += every;
    }
    time_axis(&mut svg, end_s, x);
    for it in seconds {
        let (from, to) = (x(it.s as f64), x(it.s as f64 + 1.0));
        svg.rect("bar", (from, y(it.n as f64)), ((to - from - 0.5).max(0.5), floor - y(it.n as f64)));
    }
    svg.done()
}

fn time_axis(svg: &mut Svg, end_s: f64, x: impl Fn(f64) -> f64) {
    let every = step(end_s, 8).max(1.0);
    let mut s = 0.0;
    while s <= end_s {
        svg.text("", "middle", (x(s), SIZE.1 - BOTTOM + 17.0), &format!("{s:.0}"));
        s += every;
    }
    svg.text("", "end", (SIZE.0 - RIGHT, SIZE.1 - 6.0), "seconds since the plan began");
}

fn expectations(judged: &[Judged]) -> String {
    let mut text =
        String::from("<table><tr><th>expected</th><th class=\"n\">limit</th><th class=\"n\">found</th><th></th></tr>");
    for it in judged {
        let found = it.found.map_or("not measured".to_owned(), |found| format!("{found:.1}"));
        let verdict = if it.ok { "ok" } else { "<span class=\"failed\">failed</span>" };
        let (name, limit) = (it.name, it.limit);
        write!(
            text,
            "<tr><td>{name}</td><td class=\"n\">{limit}</td><td class=\"n\">{found}</td><td>{verdict}</td></tr>"
        )
        .expect("a string takes all");
    }
    text + "</table>"
}
