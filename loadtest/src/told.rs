//! What the terminal is told.

use std::fmt::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

use crate::figures::{Judged, Outcome};
use crate::ramp::Level;
use crate::stage::Latency;

pub fn told(title: &str, outcome: &Outcome, judged: &[Judged]) -> String {
    let it = &outcome.findings;
    let mut text = format!(
        "{title}\n{} alarms sent, {} acknowledged, {} lost, {} doubled; {} opened an incident, {} joined one\n",
        it.sent, it.acknowledged, it.lost, it.doubled, it.opened, it.attached
    );
    let mut line = |words: std::fmt::Arguments<'_>| writeln!(text, "{words}").expect("a string takes all");
    let counts = &outcome.counts;
    line(format_args!(
        "all answered {:.2} s after the first was meant; {} refusals (503), {} said again, {} connections made again, \
         {} restarts; the generator was at most {:.1} ms behind its plan",
        counts.all_answered_s,
        counts.refusals,
        counts.said_again,
        counts.reconnects,
        counts.restarts,
        counts.generator_behind_ms
    ));
    let record = &outcome.record;
    line(format_args!(
        "{} offers made, {} accepted, {} asked or sent twice at once; {} incidents closed; {} events",
        record.offers, record.accepted, record.asked_twice, record.closed, record.events
    ));
    line(format_args!(
        "{} of {} heartbeats answered, {} devices called silent; {} calls",
        counts.heartbeats_answered, counts.heartbeats_sent, record.offline, counts.calls
    ));
    let consoles = &outcome.consoles;
    line(format_args!(
        "{} consoles were sent {} frames, {:.1} MB; {} gaps, {} told twice, {} too slow and begun anew, {} lines lost, \
         {} did not come to the end",
        consoles.consoles,
        consoles.frames,
        consoles.bytes as f64 / 1e6,
        consoles.gaps,
        consoles.twice,
        consoles.resyncs,
        consoles.reconnects,
        consoles.behind
    ));
    if let Some(used) = outcome.used {
        line(format_args!("the service used {} MB at most, and {:.1} s of processor", used.peak_mb, used.cpu_s));
    }
    text + &format!("\n{}\n{}", stages(outcome), expectations(judged))
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

fn stages(outcome: &Outcome) -> String {
    let mut table = table(&["from the intended moment, ms", "n", "p50", "p99", "p99.9", "max"]);
    let mut row = |name: &str, it: Latency| {
        let cell = |value: Option<f64>| value.map_or("–".to_owned(), |it| format!("{it:.1}"));
        table.add_row([name.to_owned(), it.n.to_string(), cell(it.p50), cell(it.p99), cell(it.p999), cell(it.max)]);
    };
    row("acknowledged", outcome.stages.ack.latency());
    if outcome.stages.ack_before.latency().n > 0 && outcome.stages.ack_beside.latency().n > 0 {
        row("· before the heartbeats", outcome.stages.ack_before.latency());
        row("· beside the heartbeats", outcome.stages.ack_beside.latency());
    }
    row("offered, somebody free", outcome.stages.offer.latency());
    row("shown, at every console", outcome.stages.console.latency());
    let floors = &outcome.floors;
    let mut floor = |name: &str, it: crate::floor::Floor| {
        let at = |it: f64| format!("{it:.2}");
        table.add_row([name.to_owned(), String::new(), at(it.p50), at(it.p99), String::new(), String::new()]);
    };
    if let Some(it) = floors.fdatasync_ms {
        floor("floor: fdatasync", it);
    }
    floor("floor: bare socket echo", floors.echo_ms);
    format!("{table}\n")
}

fn expectations(judged: &[Judged]) -> String {
    let mut table = table(&["expected", "limit", "found", ""]);
    for it in judged {
        let found = it.found.map_or("not measured".to_owned(), |found| format!("{found:.1}"));
        let verdict = if it.ok { "ok" } else { "FAILED" };
        table.add_row([it.name.to_owned(), it.limit.to_string(), found, verdict.to_owned()]);
    }
    format!("{table}\n")
}

/// A line a level: what held, what it is of its target and of the bare broadcast.
pub fn ramp_told(levels: &[Level], targets: &[u64]) -> String {
    let mut text =
        String::from("alarms a second that hold, each acknowledged after its commit and shown at every console\n");
    for (nth, level) in levels.iter().enumerate() {
        let Some(best) = &level.best else {
            writeln!(text, "{:5} consoles: not even {} alarms/s", level.consoles, level.steps[0].rate)
                .expect("a string takes all");
            continue;
        };
        write!(
            text,
            "{:5} consoles: {} alarms/s, acknowledged p50 {:.1} ms, p99 {:.1} ms, shown p99 {:.1} ms",
            level.consoles,
            best.rate,
            best.ack_p50_ms.unwrap_or_default(),
            best.ack_p99_ms.unwrap_or_default(),
            best.shown_p99_ms.unwrap_or_default()
        )
        .expect("a string takes all");
        if let Some(target) = targets.get(nth) {
            write!(text, "; target {target}: {}", if best.rate >= *target { "reached" } else { "MISSED" })
                .expect("a string takes all");
        }
        if let Some(bare) = level.bare_bytes_s {
            let share = best.console_bytes_s / bare;
            write!(
                text,
                "\n      {:.1} MB/s to the consoles; floor: a bare broadcast of frames of {} bytes {:.1} MB/s, share {share:.2}",
                best.console_bytes_s / 1e6,
                best.frame_bytes,
                bare / 1e6
            )
            .expect("a string takes all");
        }
        text.push('\n');
    }
    text
}
