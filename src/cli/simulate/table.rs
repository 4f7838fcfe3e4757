//! What the terminal is told: the policies side by side, the bound beside them, what the differences are worth, the
//! expectations, and how fast it went.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

use super::Took;
use crate::scenario::{Measure, Scenario};
use crate::simulate::causes::Cause;
use crate::simulate::compared::{Compared, PolicyFigures};
use crate::simulate::figures::{ClassFigures, Figures};
use crate::simulate::paired::Paired;

pub(super) fn told(scenario: &Scenario, compared: &Compared, took: &Took) -> String {
    let population = &scenario.population;
    let mut text = format!(
        "{} · {}\n{} homes, {} devices, {} responders; {} for {}, {} of them\n\n",
        scenario.name,
        scenario.title,
        population.homes.len(),
        population.devices(),
        population.responders.len(),
        span(scenario.clock.length_ms),
        if compared.seeds.len() == 1 { "one seed".to_owned() } else { format!("{} seeds", compared.seeds.len()) },
        compared.policies.len() * compared.seeds.len(),
    );
    text.push_str(&policies(compared));
    if !compared.paired.is_empty() {
        text.push_str(&format!("\n{}", differences(compared)));
    }
    text.push_str(&format!("\n{}", expectations(compared)));
    text.push_str(&over_bound(compared));
    text.push_str(&format!(
        "\n{:.1} simulated days in {:.1} s on {} thread{}: {:.0} days an hour\n",
        took.days,
        took.seconds,
        took.threads,
        if took.threads == 1 { "" } else { "s" },
        took.days / took.seconds * 3_600.0
    ));
    text
}

fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(head.to_vec());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A row a figure, a column a policy; the bound last, where there is one to name.
fn policies(compared: &Compared) -> String {
    let mut head = vec![""];
    head.extend(compared.policies.iter().map(|it| it.name.as_str()));
    let mut table = table(&head);
    let mut row = |name: &str, of: &dyn Fn(&PolicyFigures) -> String| {
        let mut cells = vec![name.to_owned()];
        cells.extend(compared.policies.iter().map(of));
        table.add_row(cells);
    };
    row("incidents that needed somebody", &|it| {
        (it.figures.door_sla.urban.n + it.figures.door_sla.rural.n).to_string()
    });
    row("late", &|it| pct(Some(it.figures.late_fraction)));
    row("late under any policy, at least", &|it| pct(Some(it.figures.lower_bound.late_fraction)));
    for cause in Cause::ALL {
        row(&format!("  late: {}", cause.as_str()), &|it| of_late(&it.figures, cause));
    }
    row("kept in town", &|it| class(&it.figures.door_sla.urban));
    row("kept in the country", &|it| class(&it.figures.door_sla.rural));
    row("arrival, mean", &|it| minutes(it.figures.arrival_s.mean));
    row("arrival, p90", &|it| minutes(it.figures.arrival_s.p90));
    row("nobody was ever there", &|it| it.figures.assignments.unassigned.to_string());
    row("offers an incident", &|it| {
        let cases = (it.figures.door_sla.urban.n + it.figures.door_sla.rural.n).max(1);
        format!("{:.2}", it.figures.assignments.offers as f64 / cases as f64)
    });
    row("cells without cover", &|it| pct(Some(it.figures.coverage.uncovered_share)));
    row("calls answered in time", &|it| pct(it.figures.calls.answered_in_time));
    row("alarms sent, lost, doubled", &|it| {
        format!("{}, {}, {}", it.figures.alarms.sent, it.figures.alarms.lost, it.figures.assignments.double)
    });
    format!("{table}\n")
}

fn differences(compared: &Compared) -> String {
    let mut table = table(&["difference on the same chance", "measure", "mean", "95 % interval"]);
    for it in &compared.paired {
        let interval = it.half_width_95.map_or("one seed has none".to_owned(), |half| {
            format!("{} to {}", unit(it, it.mean - half), unit(it, it.mean + half))
        });
        let name = format!("{} against {}", it.policy, it.against);
        table.add_row(vec![name, it.measure.to_owned(), unit(it, it.mean), interval]);
    }
    format!("{table}\n")
}

fn expectations(compared: &Compared) -> String {
    let mut table = table(&["expected", "limit", "found", ""]);
    for policy in &compared.policies {
        for it in &policy.judged {
            let found = it.found.map_or("not measured".to_owned(), |found| format!("{found:.3}"));
            let verdict = if it.ok { "ok" } else { "FAILED" };
            table.add_row(vec![
                format!("{} ({})", it.name, policy.name),
                format!("{}", it.limit),
                found,
                verdict.to_owned(),
            ]);
        }
    }
    format!("{table}\n")
}

/// The verdict on how far each policy is from what no policy could keep, where the scenario has a limit for it.
fn over_bound(compared: &Compared) -> String {
    let verdict = |policy: &PolicyFigures| {
        let it = policy.judged.iter().find(|it| it.name == Measure::LateOverBound.as_str())?;
        let (limit, found) = (it.limit, it.found.map_or("over a bound of 0".to_owned(), |it| format!("{it:.2} x")));
        let verdict = if it.ok { "reached" } else { "MISSED" };
        Some(format!("{}: late at most {limit} x the bound: {verdict}, {found}\n", policy.name))
    };
    compared.policies.iter().filter_map(verdict).collect()
}

/// Of those that were late, so many for this reason.
fn of_late(figures: &Figures, cause: Cause) -> String {
    let late: u64 = Cause::ALL.iter().map(|it| figures.late_because.count(*it)).sum();
    pct((late > 0).then(|| figures.late_because.count(cause) as f64 / late as f64))
}

fn unit(it: &Paired, value: f64) -> String {
    if it.measure == "late" || it.measure == "uncovered" {
        format!("{:+.2} points", value * 100.0)
    } else {
        format!("{value:+.1} s")
    }
}

fn class(it: &ClassFigures) -> String {
    format!("{} of {}", pct(it.met), it.n)
}

fn pct(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |it| format!("{:.1} %", it * 100.0))
}

fn minutes(seconds: Option<f64>) -> String {
    seconds.map_or("-".to_owned(), |it| format!("{}:{:02}", it as u64 / 60, it as u64 % 60))
}

fn span(ms: u64) -> String {
    let minutes = ms / 60_000;
    match (minutes / 1_440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, 0) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}
