//! Traces: alarms as they were recorded, in a table of comma-separated values with a head line. Columns by name:
//! `time` (RFC 3339) or `at_s` (seconds since the scenario's start), `lat`, `lon`; where they are there, `kind`,
//! `priority` (1 is the most urgent) and `on_scene_s`. Others are passed over.

use super::tables::{Column, Table};
use crate::document::Sink;
use crate::domain::{Point, SignalKind, Timestamp};

/// One recorded alarm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TraceRow {
    pub at_ms: u64,
    pub point: Point,
    pub kind: Option<SignalKind>,
    pub on_scene_ms: Option<u64>,
}

/// The most of a trace that is read.
const ROWS_MAX: usize = 2_000_000;

/// Reads the trace `file`; a scenario that starts at `start` begins at its `at_s` 0.
pub(super) fn read(file: &str, text: &str, start: Timestamp, sink: &mut Sink) -> Vec<TraceRow> {
    let Some(table) = Table::read(file, text, ROWS_MAX, sink) else { return Vec::new() };
    let (time, at_s) = (table.column("time"), table.column("at_s"));
    let (Some(lat), Some(lon)) = (table.needed("lat", sink), table.needed("lon", sink)) else { return Vec::new() };
    if time.is_none() && at_s.is_none() {
        table.needed("time", sink);
        return Vec::new();
    }
    let columns = Columns { time, at_s, lat, lon, kind: table.column("kind"), priority: table.column("priority") };
    let on_scene = table.column("on_scene_s");
    let mut rows = Vec::new();
    for line in table.lines() {
        let Some(mut row) = columns.row(&table, &line, start, sink) else { continue };
        row.on_scene_ms = on_scene.and_then(|it| table.number(&line, it, 0.0, 86_400.0, sink)).map(milliseconds);
        rows.push(row);
    }
    rows.sort_by_key(|it| it.at_ms);
    rows
}

struct Columns {
    time: Option<Column>,
    at_s: Option<Column>,
    lat: Column,
    lon: Column,
    kind: Option<Column>,
    priority: Option<Column>,
}

impl Columns {
    fn row(
        &self,
        table: &Table<'_>,
        line: &super::tables::Line<'_>,
        start: Timestamp,
        sink: &mut Sink,
    ) -> Option<TraceRow> {
        let at_ms = match (self.at_s, self.time) {
            (Some(column), _) => milliseconds(table.number(line, column, 0.0, 31_622_400.0, sink)?),
            (None, Some(column)) => {
                let expected = "a time such as 2026-11-21T03:38:51Z, at the scenario's start or after it";
                let read = |text: &str| text.parse::<Timestamp>().ok().filter(|at| *at >= start);
                table.parsed(line, column, expected, read, sink)?.since_ms(start)
            }
            (None, None) => return None,
        };
        let lat = table.number(line, self.lat, -90.0, 90.0, sink)?;
        let lon = table.number(line, self.lon, -180.0, 180.0, sink)?;
        let point = Point::from_degrees(lat, lon).ok()?;
        Some(TraceRow { at_ms, point, kind: self.kind_of(table, line, sink), on_scene_ms: None })
    }

    /// The kind that the row names, or one that opens at the row's priority.
    fn kind_of(&self, table: &Table<'_>, line: &super::tables::Line<'_>, sink: &mut Sink) -> Option<SignalKind> {
        if let Some(column) = self.kind {
            let read = |text: &str| text.parse::<SignalKind>().ok().filter(|it| it.is_alarm());
            return table.parsed(line, column, "a kind of alarm such as sos or fall", read, sink);
        }
        let priority = table.number(line, self.priority?, 1.0, 9.0, sink)?;
        Some(if priority < 3.0 { SignalKind::Medical } else { SignalKind::Vital })
    }
}

fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}
