//! What happens and when, drawn from a seed before anything is played: the same for every policy and every program.
//! Says nothing of what becomes of it.

use super::stream::{Around, Silence, Stream, What, When};
use super::trace::TraceRow;
use super::{Home, Population, Scenario};
use crate::chance::Chance;
use crate::domain::{Point, SignalKind};
use crate::geo::{PremisesIndex, distance_m};

/// Something that comes in. Its place in the list is its number, which names it in every run of the same seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    pub at_ms: u64,
    pub what: Happening,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// A device of a home says so.
    Signal {
        home: usize,
        device: usize,
        kind: SignalKind,
        /// Away from home, and it says where.
        fix: Option<Point>,
        /// How long somebody is needed there, where that is on record.
        on_scene_ms: Option<u64>,
    },
    /// A device that nobody has registered, by a number of its own.
    Stranger {
        number: u64,
        kind: SignalKind,
        fix: Point,
    },
    /// Somebody rings the hotline from home.
    Call {
        home: usize,
    },
    FallsSilent {
        home: usize,
        device: usize,
    },
    ComesBack {
        home: usize,
        device: usize,
    },
}

/// A step of the clock in which at most one thing of a stream happens: short enough that two would be rare.
const STEPS_A_SECOND_MIN: u64 = 1;
const CHANCE_A_STEP_MAX: f64 = 0.05;

/// What is said again or taken back comes within this.
const LATER_MS: (u64, u64) = (20_000, 240_000);

/// How far from home somebody is who says where.
const OUT_M: u64 = 1_500;

/// A trace's alarm belongs to a home that is no farther than this.
const TRACE_HOME_M: u64 = 150;

/// Everything of `seed`, in the order of time.
pub fn draw(scenario: &Scenario, seed: u64) -> Vec<Arrival> {
    let mut arrivals = Vec::new();
    for (nth, stream) in scenario.streams.iter().enumerate() {
        let mut it = Drawing::of(scenario, seed, &[1, nth as u64], stream.around);
        it.stream(stream);
        arrivals.append(&mut it.arrivals);
    }
    for (nth, silence) in scenario.silences.iter().enumerate() {
        let mut it = Drawing::of(scenario, seed, &[2, nth as u64], silence.around);
        it.silence(silence);
        arrivals.append(&mut it.arrivals);
    }
    arrivals.retain(|it| it.at_ms < scenario.clock.length_ms || matches!(it.what, Happening::ComesBack { .. }));
    // Stable: of the same millisecond, in the order of the scenario.
    arrivals.sort_by_key(|it| it.at_ms);
    arrivals
}

impl Happening {
    /// Whether `home` has a device that says `kind`.
    pub fn can(home: &Home, kind: SignalKind) -> bool {
        home.device_for(kind).is_some()
    }
}

struct Drawing<'a> {
    scenario: &'a Scenario,
    population: &'a Population,
    chance: Chance,
    /// Homes that are meant.
    around: Vec<usize>,
    arrivals: Vec<Arrival>,
}

impl<'a> Drawing<'a> {
    fn of(scenario: &'a Scenario, seed: u64, names: &[u64], around: Around) -> Self {
        let population = &scenario.population;
        let all = 0..population.homes.len();
        let around = match around {
            Around::Everywhere => all.collect(),
            Around::Place { point, radius_m } => {
                let near = |home: &usize| distance_m(population.homes[*home].point, point) <= radius_m;
                all.filter(near).collect()
            }
        };
        Self { scenario, population, chance: Chance::of(seed, names), around, arrivals: Vec::new() }
    }

    fn stream(&mut self, stream: &Stream) {
        match &stream.when {
            When::Poisson { a_day, weights } => self.poisson(stream, *a_day, weights),
            When::Burst { at_ms, within_ms, count } => {
                let homes = self.homes_for(stream.what);
                let mut dealt = Dealt::of(&homes, &mut self.chance);
                for _ in 0..*count {
                    let Some(home) = dealt.next(&mut self.chance) else { return };
                    let at_ms = at_ms + self.chance.below(within_ms + 1);
                    self.happens(stream, at_ms, home);
                }
            }
            When::Trace(rows) => self.trace(stream, rows),
        }
    }

    /// At most one in each short step, at the chance that makes the hour's rate.
    fn poisson(&mut self, stream: &Stream, a_day: f64, weights: &[f64; 24]) {
        let homes = self.homes_for(stream.what);
        if homes.is_empty() {
            return;
        }
        let most = weights.iter().copied().fold(0.0, f64::max) * a_day / 86_400.0;
        let steps_a_second = ((most / CHANCE_A_STEP_MAX).ceil() as u64).clamp(STEPS_A_SECOND_MIN, 1_000);
        // Chances as whole numbers of 2^-53, compared with as many bits of chance.
        let whole = (1_u64 << 53) as f64;
        let of_hour = weights.map(|it| (it * a_day / 86_400.0 / steps_a_second as f64 * whole) as u64);
        let step_ms = 1_000 / steps_a_second;
        let mut at_ms = 0;
        while at_ms < self.scenario.clock.length_ms {
            if self.chance.draw() >> 11 < of_hour[self.scenario.clock.hour(at_ms)] {
                let home = homes[self.chance.index(homes.len())];
                let within = self.chance.below(step_ms.max(1));
                self.happens(stream, at_ms + within, home);
            }
            at_ms += step_ms.max(1);
        }
    }

    fn trace(&mut self, stream: &Stream, rows: &[TraceRow]) {
        let mut places = PremisesIndex::default();
        for home in &self.population.homes {
            places.put(home.premises.clone(), home.point, home.class);
        }
        let by_premises: std::collections::BTreeMap<_, usize> =
            self.population.homes.iter().enumerate().map(|(at, home)| (&home.premises, at)).collect();
        for row in rows {
            let kind = row.kind.or(match stream.what {
                What::Signal(kind) => Some(kind),
                What::Call => None,
            });
            let near = places.nearest(row.point).filter(|(_, far_m)| *far_m <= TRACE_HOME_M);
            let home = near.and_then(|(id, _)| by_premises.get(id).copied());
            let Some(kind) = kind else {
                self.arrivals.extend(home.map(|home| Arrival { at_ms: row.at_ms, what: Happening::Call { home } }));
                continue;
            };
            let device = home.and_then(|home| Some((home, self.population.homes[home].device_for(kind)?)));
            let what = match device {
                Some((home, device)) => {
                    Happening::Signal { home, device, kind, fix: None, on_scene_ms: row.on_scene_ms }
                }
                None => Happening::Stranger { number: self.chance.below(100_000_000), kind, fix: row.point },
            };
            self.arrivals.push(Arrival { at_ms: row.at_ms, what });
        }
    }

    /// One thing of a stream, and what follows from it.
    fn happens(&mut self, stream: &Stream, at_ms: u64, home: usize) {
        let kind = match stream.what {
            What::Call => {
                self.arrivals.push(Arrival { at_ms, what: Happening::Call { home } });
                return;
            }
            What::Signal(kind) => kind,
        };
        let point = self.population.homes[home].point;
        if self.chance.pct(stream.unknown_pct) {
            let (number, fix) = (self.chance.below(100_000_000), self.near(point));
            self.arrivals.push(Arrival { at_ms, what: Happening::Stranger { number, kind, fix } });
            return;
        }
        let Some(device) = self.population.homes[home].device_for(kind) else { return };
        let fix = self.chance.pct(stream.fix_pct).then(|| self.near(point));
        let said = |kind, fix| Happening::Signal { home, device, kind, fix, on_scene_ms: None };
        self.arrivals.push(Arrival { at_ms, what: said(kind, fix) });
        let mut later = |pct: u64, kind| {
            let (comes, after_ms) = (self.chance.pct(pct), self.chance.between(LATER_MS.0, LATER_MS.1));
            comes.then(|| Arrival { at_ms: at_ms + after_ms, what: said(kind, None) })
        };
        let (again, cancel) = (later(stream.again_pct, kind), later(stream.cancel_pct, SignalKind::Cancel));
        self.arrivals.extend(again.into_iter().chain(cancel));
    }

    fn silence(&mut self, it: &Silence) {
        let mut devices: Vec<(usize, usize)> = Vec::new();
        for home in self.around.clone() {
            devices.extend((0..self.population.homes[home].devices.len()).map(|device| (home, device)));
        }
        shuffle(&mut devices, &mut self.chance);
        for (home, device) in devices.into_iter().take(usize::try_from(it.count).unwrap_or(usize::MAX)) {
            let at_ms = it.at_ms + self.chance.below(it.within_ms + 1);
            if let Some(kind) = it.says {
                let what = Happening::Signal { home, device, kind, fix: None, on_scene_ms: None };
                self.arrivals.push(Arrival { at_ms, what });
            }
            self.arrivals.push(Arrival { at_ms, what: Happening::FallsSilent { home, device } });
            let back_ms = it.at_ms + it.for_ms + self.chance.below(it.back_within_ms + 1);
            self.arrivals.push(Arrival { at_ms: back_ms.max(at_ms), what: Happening::ComesBack { home, device } });
        }
    }

    fn homes_for(&self, what: What) -> Vec<usize> {
        let homes = &self.population.homes;
        let fits = |home: &usize| match what {
            What::Call => homes[*home].phone.is_some(),
            What::Signal(kind) => Happening::can(&homes[*home], kind),
        };
        self.around.iter().copied().filter(fits).collect()
    }

    fn near(&mut self, point: Point) -> Point {
        // Ten metres of a degree are the same on every machine; how wide they lie apart matters little here.
        let mut off = || (self.chance.below(2 * OUT_M) as f64 - OUT_M as f64) / 100_000.0;
        let (north, east) = (off(), off());
        Point::from_degrees((point.lat() + north).clamp(-90.0, 90.0), point.lon() + east).unwrap_or(point)
    }
}

/// Homes in a drawn order, each once before any comes again.
struct Dealt {
    order: Vec<usize>,
    next: usize,
}

impl Dealt {
    fn of(homes: &[usize], chance: &mut Chance) -> Self {
        let mut order = homes.to_vec();
        shuffle(&mut order, chance);
        Self { order, next: 0 }
    }

    fn next(&mut self, chance: &mut Chance) -> Option<usize> {
        if self.next == self.order.len() {
            shuffle(&mut self.order, chance);
            self.next = 0;
        }
        self.next += 1;
        self.order.get(self.next - 1).copied()
    }
}

/// Fisher and Yates.
fn shuffle<T>(things: &mut [T], chance: &mut Chance) {
    for last in (1..things.len()).rev() {
        things.swap(last, chance.index(last + 1));
    }
}
