//! From text to a scenario: the root with its tables, and the files that they name. Every table is read even where an
//! earlier one has a fault, so that all faults are told at once.

mod world;

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::trace::TraceRow;
use super::{
    Behaviour, Clock, Expect, Files, Happening, Heartbeats, Mishap, Operators, Population, Scenario, Silence, Stream,
    What, keys, trace,
};
use crate::document::fields::{prose, text as line, whole};
use crate::document::{Fault, Fields, Key, Sink};
use crate::domain::Tier;
use crate::domain::sla::SlaTargets;

/// What stands before an unknown key of the root.
const ROOT: &str = "the scenario";

const PROMISE_MAX_S: u64 = 86_400;

/// Where a sub-table stands.
type At<'a, 'i> = (&'a DeTable<'i>, usize);

pub(super) fn read(file: &str, text: &str, files: &dyn Files) -> Result<Scenario, Vec<Fault>> {
    let mut sink = Sink::new(file, text);
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut others = Vec::new();
    let read = if errors.is_empty() { root_of(file, &root, files, &mut sink, &mut others) } else { None };
    for error in errors {
        sink.syntax(&error);
    }
    let mut faults = sink.into_faults();
    faults.extend(others);
    match read {
        Some(scenario) if faults.is_empty() => Ok(scenario),
        Some(_) | None => Err(faults),
    }
}

/// The tables of the root, before they are understood.
struct Root<'a, 'i> {
    world: Option<At<'a, 'i>>,
    clock: Option<At<'a, 'i>>,
    promise: Option<At<'a, 'i>>,
    poisson: Vec<At<'a, 'i>>,
    burst: Vec<At<'a, 'i>>,
    trace: Vec<At<'a, 'i>>,
    silence: Vec<At<'a, 'i>>,
    heartbeats: Option<At<'a, 'i>>,
    responders: Option<At<'a, 'i>>,
    operators: Option<At<'a, 'i>>,
    fault: Vec<At<'a, 'i>>,
    expect: Option<At<'a, 'i>>,
}

fn root_of(
    file: &str,
    table: &Spanned<DeTable<'_>>,
    files: &dyn Files,
    sink: &mut Sink,
    others: &mut Vec<Fault>,
) -> Option<Scenario> {
    let mut fields = Fields::new(ROOT, table.get_ref(), 0, sink);
    let title = fields.need(&keys::TITLE, line);
    let why = fields.need(&keys::WHY, prose);
    let expected = fields.need(&keys::EXPECTED, prose);
    let root = Root {
        world: one(&mut fields, &keys::WORLD),
        clock: one(&mut fields, &keys::CLOCK),
        promise: fields.table(&keys::PROMISE),
        poisson: fields.tables(&keys::POISSON),
        burst: fields.tables(&keys::BURST),
        trace: fields.tables(&keys::TRACE),
        silence: fields.tables(&keys::SILENCE),
        heartbeats: fields.table(&keys::HEARTBEATS),
        responders: fields.table(&keys::RESPONDERS),
        operators: fields.table(&keys::OPERATORS),
        fault: fields.tables(&keys::FAULT),
        expect: fields.table(&keys::EXPECT),
    };
    fields.finish();
    let mut it = Reader { files, sink, others };
    let clock = root.clock.and_then(|at| it.table("[clock]", at, Clock::read));
    let traces: Vec<Option<Vec<TraceRow>>> = root.trace.iter().map(|at| it.trace_rows(*at, clock.as_ref())).collect();
    let roads = root.world.and_then(|at| it.roads(at));
    let population = root.world.and_then(|at| it.world(at, traces.iter().flatten().flatten()));
    let (streams, promise) = (it.streams(&root, traces, population.as_ref()), it.promise(root.promise));
    let silences = root.silence.iter().filter_map(|at| it.table("[[silence]]", *at, Silence::read)).collect();
    let heartbeats = root.heartbeats.and_then(|at| it.table("[heartbeats]", at, Heartbeats::read));
    let responders = it.responders(root.responders);
    let operators = root.operators.and_then(|at| it.table("[operators]", at, |it| Some(Operators::read(it))));
    let mishaps = root.fault.iter().filter_map(|at| it.table("[[fault]]", *at, Mishap::read)).collect();
    let expect = root.expect.and_then(|at| it.table("[expect]", at, |it| Some(Expect::read(it))));
    Some(Scenario {
        name: stem(file),
        title: title?,
        why: why?,
        expected: expected?,
        population: population?,
        roads,
        clock: clock?,
        promise,
        streams,
        silences,
        heartbeats,
        responders,
        operators: operators.unwrap_or_default(),
        mishaps,
        expect: expect.unwrap_or_default(),
    })
}

/// What the tables are read with.
struct Reader<'a> {
    files: &'a dyn Files,
    sink: &'a mut Sink,
    /// Faults of the files that are named.
    others: &'a mut Vec<Fault>,
}

impl Reader<'_> {
    /// One table, and what nobody asked for in it.
    fn table<'t, 'i, T>(
        &mut self,
        header: &'static str,
        (table, at): At<'t, 'i>,
        read: impl FnOnce(&mut Fields<'t, 'i, '_>) -> Option<T>,
    ) -> Option<T> {
        let mut fields = Fields::new(header, table, at, self.sink);
        let read = read(&mut fields);
        fields.finish();
        read
    }

    /// The text of the file that `key` names; what cannot be had is told where it is named.
    fn file(&mut self, key: &Key, (table, at): At<'_, '_>) -> Option<(String, String)> {
        let files = self.files;
        let mut fields = Fields::new("the table", table, at, self.sink);
        let name = fields.need(key, line)?;
        match files.text(&name) {
            Ok(text) => Some((name, text)),
            Err(why) => {
                let found = format!("`{}` as `{}` ({why})", crate::document::shown(&name), key.name);
                fields.refuse(key, &found);
                None
            }
        }
    }

    fn trace_rows(&mut self, at: At<'_, '_>, clock: Option<&Clock>) -> Option<Vec<TraceRow>> {
        let (name, text) = self.file(&keys::FILE, at)?;
        let mut sink = Sink::new(&name, &text);
        let rows = trace::read(&name, &text, clock?.start, &mut sink);
        self.others.extend(sink.into_faults());
        Some(rows)
    }

    fn streams(
        &mut self,
        root: &Root<'_, '_>,
        traces: Vec<Option<Vec<TraceRow>>>,
        population: Option<&Population>,
    ) -> Vec<Stream> {
        let homes = population.map_or(0, |it| it.homes.len());
        let mut streams = Vec::new();
        for at in &root.poisson {
            streams.extend(self.stream("[[poisson]]", *at, population, |it| Stream::poisson(it, homes)));
        }
        for at in &root.burst {
            streams.extend(self.stream("[[burst]]", *at, population, Stream::burst));
        }
        for (at, rows) in root.trace.iter().zip(traces) {
            streams.extend(self.stream("[[trace]]", *at, population, |it| {
                it.need(&keys::FILE, line);
                Stream::trace(it, rows)
            }));
        }
        streams
    }

    /// A stream whose kind somebody in the world can say.
    fn stream<'t, 'i>(
        &mut self,
        header: &'static str,
        at: At<'t, 'i>,
        population: Option<&Population>,
        read: impl FnOnce(&mut Fields<'t, 'i, '_>) -> Option<Stream>,
    ) -> Option<Stream> {
        self.table(header, at, |fields| {
            let stream = read(fields)?;
            let Some(population) = population else { return Some(stream) };
            let can = match stream.what {
                What::Call => population.homes.iter().any(|home| home.phone.is_some()),
                What::Signal(kind) => population.homes.iter().any(|home| Happening::can(home, kind)),
            };
            if !can {
                let word = match stream.what {
                    What::Call => "call",
                    What::Signal(kind) => kind.as_str(),
                };
                let found = format!("`{word}`, which no home of this world has a device or a telephone for, as `kind`");
                fields.refuse(&keys::KIND, &found);
            }
            Some(stream)
        })
    }

    fn promise(&mut self, at: Option<At<'_, '_>>) -> Option<SlaTargets> {
        self.table("[promise]", at?, |fields| {
            let mut of = |key| fields.need(key, |value: &DeValue<'_>| whole(value, 1, PROMISE_MAX_S));
            let (answer_s, urban_s) = (of(&keys::ANSWER_PROMISE_S), of(&keys::DOOR_URBAN_S));
            let door_rural_s = of(&keys::DOOR_RURAL_S)?;
            Some(SlaTargets { answer_s: answer_s?, door_urban_s: urban_s?, door_rural_s })
        })
    }

    fn responders(&mut self, at: Option<At<'_, '_>>) -> BTreeMap<Tier, Behaviour> {
        let tiers = [
            (Tier::Staff, &keys::STAFF, "[responders.staff]"),
            (Tier::Volunteer, &keys::VOLUNTEER, "[responders.volunteer]"),
            (Tier::Keyholder, &keys::KEYHOLDER, "[responders.keyholder]"),
        ];
        let mut behaviours: BTreeMap<Tier, Behaviour> =
            tiers.iter().map(|(tier, ..)| (*tier, Behaviour::preset(*tier))).collect();
        let Some((table, at)) = at else { return behaviours };
        let mut fields = Fields::new("[responders]", table, at, self.sink);
        let found = tiers.map(|(tier, key, header)| (tier, header, fields.table(key)));
        fields.finish();
        for (tier, header, at) in found {
            let read = at.and_then(|at| self.table(header, at, |it| Some(Behaviour::read(it, tier))));
            behaviours.extend(read.map(|it| (tier, it)));
        }
        behaviours
    }
}

/// A table that must be there.
fn one<'a, 'i>(fields: &mut Fields<'a, 'i, '_>, key: &Key) -> Option<At<'a, 'i>> {
    let found = fields.table(key);
    if found.is_none() {
        fields.need(key, |_| Ok(()));
    }
    found
}

/// `scenarios/typhoon-night.toml` is called typhoon-night.
fn stem(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.strip_suffix(".toml").unwrap_or(name).to_owned()
}
