//! Does what the plan says at the moment it says, whatever has become of what was done before: an open loop. How far
//! behind its plan it ever was is told, for a generator that cannot keep up measures itself.

use std::sync::Arc;

use serde_json::json;
use tidewatch::chance::Chance;
use tidewatch::clock::{Clock as _, SystemClock};
use tidewatch::demo::watches::{Press, bits};
use tidewatch::domain::{Point, SignalKind};
use tidewatch::scenario::Operators;
use tidewatch::sources::watch::build;
use tokio::task::JoinSet;
use tokio::time::{Duration, sleep};

use crate::book::{Book, Key, count};
use crate::gateway::Gateway;
use crate::heartbeats::Living;
use crate::lines::{Lines, MAKER, Say};
use crate::moment::{Clock, Us};
use crate::plan::{Deed, What};

/// Everybody who says something.
pub struct Dispatcher {
    pub lines: Arc<Lines>,
    pub watches: Vec<String>,
    pub gateway: Gateway,
    pub book: Arc<Book>,
    pub living: Arc<Living>,
    pub operators: Operators,
    /// Who answers calls, as the exchange names them.
    pub operator: String,
    /// Unlike that of any other run on the same folder.
    pub run: String,
    pub seed: u64,
    pub clock: Clock,
}

impl Dispatcher {
    /// Until all is said; not until all is answered. How late, against its plan, the latest of it was handed over.
    pub async fn play(self: Arc<Self>, start: Us, deeds: Vec<Deed>) -> Us {
        let (mut behind, mut tasks) = (0, JoinSet::new());
        for deed in deeds {
            self.clock.until(start + deed.at).await;
            behind = behind.max(self.clock.now().saturating_sub(start + deed.at));
            self.act(deed.what, &mut tasks);
            while tasks.try_join_next().is_some() {}
        }
        // What is under way goes on: whoever waits for the answers looks into the book.
        tasks.detach_all();
        behind
    }

    fn act(self: &Arc<Self>, what: What, tasks: &mut JoinSet<()>) {
        match what {
            What::Press { number, watch, kind, fix } => self.press(number, watch, kind, fix),
            What::Post { number, device, kind, fix } => {
                let all = Arc::clone(self);
                tasks.spawn(async move { all.post(number, device, kind, fix).await });
            }
            What::Call { nth, phone } => {
                let all = Arc::clone(self);
                tasks.spawn(async move { all.call(nth, phone).await });
            }
            What::Off { watch } => {
                self.living.silence(watch, true);
                self.lines.say(watch, Say::Off);
            }
            What::On { watch } => {
                self.living.silence(watch, false);
                self.lines.say(watch, Say::On);
            }
            What::Mute { sensor } => self.living.silence_sensor(sensor, true),
            What::Unmute { sensor } => self.living.silence_sensor(sensor, false),
        }
    }

    /// The index tells presses of one watch in one second apart, and an answer by what it answers.
    fn press(&self, number: usize, watch: usize, kind: SignalKind, fix: Option<Point>) {
        let (at, identity) = (SystemClock::new().wall(), &self.watches[watch]);
        let bits = bits(kind).expect("a plan gives a watch only what a watch can say");
        let press = Press { identity: identity.clone(), at, bits, fix, battery_pct: 80 };
        let index = format!("{:04X}", number % 0x1_0000);
        let frame = build(MAKER, identity, Some(&index), press.content().as_bytes());
        let mark = at.to_string()[..19].to_owned();
        self.book.entries[number].key.get_or_init(|| Key { device: format!("watch:{identity}"), mark });
        self.lines.say(watch, Say::Press { number, index, frame: frame.into() });
    }

    async fn post(&self, number: usize, device: String, kind: SignalKind, fix: Option<Point>) {
        let id = format!("{}-{number}", self.run);
        let mut body =
            json!({"device": device, "id": id, "kind": kind.as_str(), "occurred_at": SystemClock::new().wall()});
        if let Some(fix) = fix {
            body["location"] = json!({"lat": fix.lat(), "lon": fix.lon(), "accuracy_m": 15});
        }
        self.book.entries[number].key.get_or_init(|| Key { device, mark: id });
        self.gateway.signal(number, &body).await;
    }

    /// As many callers hear somebody as incidents are claimed; the others hang up.
    async fn call(&self, nth: u64, phone: String) {
        let mut chance = Chance::of(self.seed, &[7, nth]);
        let answered = chance.pct(self.operators.claim_pct);
        let rings = if answered { self.operators.pick_up } else { self.operators.patience };
        let id = format!("{}-call-{nth}", self.run);
        let said = |event: &str| {
            let at = SystemClock::new().wall();
            let mut said = json!({"call": id, "event": event, "from": phone, "to": "967890", "at": at});
            if event == "answered" {
                said["operator"] = json!(self.operator);
            }
            said
        };
        let mut told = self.gateway.call(&said("ringing")).await.is_some();
        sleep(Duration::from_millis(rings.draw(&mut chance))).await;
        if answered {
            told &= self.gateway.call(&said("answered")).await.is_some();
            sleep(Duration::from_millis(self.operators.talk.draw(&mut chance))).await;
            told &= self.gateway.call(&said("ended")).await.is_some();
        } else {
            told &= self.gateway.call(&said("abandoned")).await.is_some();
        }
        if told {
            count(&self.book.calls);
        }
    }
}
