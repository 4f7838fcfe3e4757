//! The report's numbers and tables.

use std::fmt::Write;

use super::svg::escaped;
use super::{Drawn, POLICY_CLASSES};
use crate::simulate::causes::Cause;
use crate::simulate::compared::{Compared, PolicyFigures};

/// The first policy's numbers, large.
pub(super) fn numbers(drawn: &Drawn<'_>) -> String {
    let Some(first) = drawn.compared.policies.first() else { return String::new() };
    let it = &first.figures;
    let mut text = String::from("<div class=\"numbers\">");
    let mut number = |class: &str, value: &str, told: &str| {
        write!(text, "<div class=\"number {class}\"><b>{value}</b><span>{told}</span></div>")
            .expect("a string takes all");
    };
    let held = first.judged.iter().all(|it| it.ok);
    number(if held { "good" } else { "bad" }, if held { "held" } else { "failed" }, "expectations");
    number(
        "",
        &pct(Some(1.0 - it.late_fraction)),
        &format!("of {} kept, {}", it.door_sla.urban.n + it.door_sla.rural.n, escaped(&first.name)),
    );
    number("", &pct(Some(it.lower_bound.late_fraction)), "late under any policy, at least");
    number("", &minutes(it.arrival_s.p90), "arrival, nine of ten");
    let (lost, double) = (it.alarms.lost, it.assignments.double);
    number(if lost + double == 0 { "" } else { "bad" }, &format!("{lost} · {double}"), "lost · doubled");
    number("", &pct(Some(it.coverage.uncovered_share)), "of cells and time without cover");
    text + "</div>"
}

pub(super) fn policies(compared: &Compared) -> String {
    let mut text = String::from("<table><tr><th></th>");
    for it in &compared.policies {
        write!(text, "<th class=\"n\">{}</th>", escaped(&it.name)).expect("a string takes all");
    }
    text.push_str("</tr>");
    let mut row = |name: &str, of: &dyn Fn(&PolicyFigures) -> String| {
        write!(text, "<tr><td>{name}</td>").expect("a string takes all");
        for it in &compared.policies {
            write!(text, "<td class=\"n\">{}</td>", of(it)).expect("a string takes all");
        }
        text.push_str("</tr>");
    };
    row("late", &|it| pct(Some(it.figures.late_fraction)));
    row("late under any policy, at least", &|it| pct(Some(it.figures.lower_bound.late_fraction)));
    for cause in Cause::ALL {
        row(&format!("late: {}", cause.as_str()), &|it| it.figures.late_because.count(cause).to_string());
    }
    row("kept in town", &|it| pct(it.figures.door_sla.urban.met));
    row("kept in the country", &|it| pct(it.figures.door_sla.rural.met));
    row("arrival, mean", &|it| minutes(it.figures.arrival_s.mean));
    row("arrival, half of them", &|it| minutes(it.figures.arrival_s.p50));
    row("arrival, nine of ten", &|it| minutes(it.figures.arrival_s.p90));
    row("nobody was ever there", &|it| it.figures.assignments.unassigned.to_string());
    row("offers made", &|it| it.figures.assignments.offers.to_string());
    row("cells and time without cover", &|it| pct(Some(it.figures.coverage.uncovered_share)));
    row("responders free, on the average", &|it| format!("{:.1}", it.figures.coverage.free_responders));
    text + "</table>"
}

pub(super) fn expectations(compared: &Compared) -> String {
    let mut text = String::from(
        "<table><tr><th>expected</th><th>policy</th><th class=\"n\">limit</th><th class=\"n\">found</th><th></th></tr>",
    );
    for policy in &compared.policies {
        for it in &policy.judged {
            let found = it.found.map_or("not measured".to_owned(), |found| format!("{found:.3}"));
            let verdict = if it.ok { "ok" } else { "<span class=\"failed\">failed</span>" };
            let (name, limit) = (it.name, it.limit);
            write!(
                text,
                "<tr><td>{name}</td><td>{}</td><td class=\"n\">{limit}</td><td class=\"n\">{found}</td><td>{verdict}</td></tr>",
                escaped(&policy.name)
            )
            .expect("a string takes all");
        }
    }
    text + "</table>"
}

/// Which line is whose, as a short line each.
pub(super) fn legend(drawn: &Drawn<'_>) -> String {
    let one = |(policy, class): (usize, &str)| {
        format!(
            "<svg viewBox=\"0 0 34 8\" style=\"display:inline-block;width:34px;height:8px;vertical-align:middle\" role=\"img\">\
             <line class=\"policy {class}\" x1=\"0\" y1=\"4\" x2=\"34\" y2=\"4\"/></svg> {}",
            escaped(drawn.name(policy))
        )
    };
    let all: Vec<String> = (0..drawn.policies()).zip(POLICY_CLASSES).map(one).collect();
    all.join(", ")
}

fn pct(share: Option<f64>) -> String {
    share.map_or("–".to_owned(), |it| format!("{:.1} %", it * 100.0))
}

fn minutes(seconds: Option<f64>) -> String {
    seconds.map_or("–".to_owned(), |it| format!("{}:{:02}", it as u64 / 60, it as u64 % 60))
}
