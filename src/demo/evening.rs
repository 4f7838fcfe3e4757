//! What happens this evening, and when: a few alarms a minute in the homes of the cast.
//! Pure and seeded: it says what happens; who does it, and whether it succeeds, is not known here.

use super::cast::Home;
use super::chance::Chance;
use crate::domain::{Point, SignalKind};

/// Four happenings a minute, unevenly: less and nothing is seen, more and sixty responders are too few.
const GAP_MS: (u64, u64) = (6_000, 24_000);

/// The first one does not let the visitor wait.
const FIRST_MS: u64 = 2_500;

/// Homes that may press again or take back: only the latest.
const LATELY: usize = 6;

/// Bits of a watch's status.
pub const LOW_BATTERY: u32 = 1;
pub const SOS: u32 = 1 << 16;
pub const FALL: u32 = 1 << 21;

/// How far from home somebody with a fix may be, in degrees: some 900 m.
const OUT_DEG: f64 = 0.008;

#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// A watch says so with these bits; with a place where it has a fix.
    Watch { identity: String, bits: u32, fix: Option<Point>, battery_pct: u8 },
    /// A sensor or a bracelet, through its HTTP gateway.
    Sensor { identity: String, kind: SignalKind },
    /// Somebody rings the hotline.
    Call { phone: String, answered: bool },
}

pub struct Script {
    chance: Chance,
    homes: Vec<Home>,
    lately: Vec<Home>,
    told: u64,
}

impl Script {
    pub fn new(homes: Vec<Home>, chance: Chance) -> Self {
        Self { chance, homes, lately: Vec::new(), told: 0 }
    }

    /// How long it stays quiet, and what then happens; `None` where there is no home at all.
    pub fn next(&mut self) -> Option<(u64, Happening)> {
        let gap_ms = if self.told == 0 { FIRST_MS } else { self.chance.between(GAP_MS.0, GAP_MS.1) };
        self.told += 1;
        let draw = self.chance.between(1, 100);
        let happening = match draw {
            1..=8 => self.again(),
            9..=13 => self.taken_back(),
            14..=16 => Some(self.stranger()),
            17..=22 => self.call(false),
            23..=28 => self.call(true),
            29..=50 => self.sensor(),
            _ => None,
        };
        Some((gap_ms, happening.or_else(|| self.watch(draw))?))
    }

    /// Also what happens where a home has nothing for what was drawn.
    fn watch(&mut self, draw: u64) -> Option<Happening> {
        let home = self.home(|home| home.watch.is_some())?;
        let identity = home.watch.clone()?;
        let (bits, battery_pct) = match draw {
            51..=62 => (FALL, 70),
            63..=72 => (SOS | LOW_BATTERY, 9),
            _ => (SOS, 58),
        };
        let out = self.chance.percent(30);
        let fix = if out { self.somewhere(home.point) } else { None };
        self.remember(home);
        Some(Happening::Watch { identity, bits, fix, battery_pct })
    }

    fn again(&mut self) -> Option<Happening> {
        let identity = self.chance.pick(&self.lately)?.watch.clone()?;
        Some(Happening::Watch { identity, bits: SOS, fix: None, battery_pct: 52 })
    }

    fn taken_back(&mut self) -> Option<Happening> {
        let identity = self.chance.pick(&self.lately)?.sensors.first()?.clone();
        Some(Happening::Sensor { identity, kind: SignalKind::Cancel })
    }

    /// A watch that nobody has registered, with a fix.
    fn stranger(&mut self) -> Happening {
        let point = self.chance.pick(&self.homes).map(|home| home.point);
        let identity = format!("99{:08}", self.chance.between(0, 99_999_999));
        let fix = point.and_then(|point| self.somewhere(point));
        Happening::Watch { identity, bits: SOS, fix, battery_pct: 80 }
    }

    fn call(&mut self, answered: bool) -> Option<Happening> {
        let phone = self.home(|home| home.phone.is_some())?.phone?;
        Some(Happening::Call { phone, answered })
    }

    fn sensor(&mut self) -> Option<Happening> {
        let home = self.home(|home| !home.sensors.is_empty())?;
        let identity = self.chance.pick(&home.sensors)?.clone();
        let kind = kind_of(&identity, &mut self.chance);
        self.remember(home);
        Some(Happening::Sensor { identity, kind })
    }

    /// Somebody to whom it may happen; a bounded search, since a world may have no such home.
    fn home(&mut self, fits: impl Fn(&Home) -> bool) -> Option<Home> {
        let drawn = (0..64).find_map(|_| self.chance.pick(&self.homes).filter(|home| fits(home)).cloned());
        drawn.or_else(|| self.homes.iter().find(|home| fits(home)).cloned())
    }

    fn remember(&mut self, home: Home) {
        self.lately.push(home);
        if self.lately.len() > LATELY {
            self.lately.remove(0);
        }
    }

    fn somewhere(&mut self, near: Point) -> Option<Point> {
        let (north, east) = (self.chance.unit() * OUT_DEG, self.chance.unit() * OUT_DEG);
        Point::from_degrees(near.lat() + north, near.lon() + east).ok()
    }
}

/// What a sensor has to say, by the name that the demo world gives it; anything else is worn and has a button.
fn kind_of(identity: &str, chance: &mut Chance) -> SignalKind {
    let technical = chance.percent(15);
    match identity.split('-').next() {
        _ if technical => SignalKind::LowBattery,
        Some("smoke") => SignalKind::Smoke,
        Some("gas") => SignalKind::Gas,
        Some("radar") => SignalKind::Inactivity,
        Some("door") => SignalKind::Wandering,
        Some(_) | None => SignalKind::Sos,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_seed_plays_the_same_evening() {
        assert_eq!(play(7, 50), play(7, 50));
        assert_ne!(play(7, 50), play(8, 50));
    }

    #[test]
    fn an_evening_has_something_of_everything_and_a_few_a_minute() {
        let told = play(1, 400);
        let minutes = told.iter().map(|(gap_ms, _)| gap_ms).sum::<u64>() as f64 / 60_000.0;
        let a_minute = told.len() as f64 / minutes;
        assert!((3.0..6.0).contains(&a_minute), "{a_minute} a minute");
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for (_, happening) in &told {
            *seen.entry(word(happening)).or_default() += 1;
        }
        let words: Vec<&str> = seen.keys().map(String::as_str).collect();
        let all = ["call false", "call true", "sensor cancel", "sensor gas", "sensor inactivity", "sensor low_battery"];
        let watches = ["sensor smoke", "stranger", "watch 10000", "watch 10001", "watch 200000"];
        assert_eq!(words, all.into_iter().chain(watches).collect::<Vec<_>>());
    }

    #[test]
    fn an_empty_world_has_a_quiet_evening() {
        assert_eq!(Script::new(Vec::new(), Chance::new(1, "x")).next(), None);
    }

    fn play(seed: u64, count: usize) -> Vec<(u64, Happening)> {
        let homes = (0..30).map(home).collect();
        let mut script = Script::new(homes, Chance::new(seed, "homes"));
        (0..count).map(|_| script.next().unwrap()).collect()
    }

    fn home(nth: u32) -> Home {
        Home {
            subject: format!("S-{nth}").parse().unwrap(),
            phone: Some(format!("+8657387{nth:06}")),
            point: Point::from_degrees(30.5, 120.7).unwrap(),
            watch: nth.is_multiple_of(2).then(|| format!("88{nth:08}")),
            sensors: ["smoke", "gas", "radar"].iter().take(nth as usize % 4).map(|it| format!("{it}-{nth}")).collect(),
        }
    }

    fn word(happening: &Happening) -> String {
        match happening {
            Happening::Watch { identity, .. } if identity.starts_with("99") => "stranger".to_owned(),
            Happening::Watch { bits, .. } => format!("watch {bits:x}"),
            Happening::Sensor { kind, .. } => format!("sensor {kind}"),
            Happening::Call { answered, .. } => format!("call {answered}"),
        }
    }
}
