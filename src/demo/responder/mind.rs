//! What a responder does: looks at an offer, says yes, no or nothing, goes, rings, goes in, is done.
//! Pure: the evening's time and a seeded chance come in by the door. Never has two assignments.

use super::words::{Hear, Job, Say};
use crate::chance::Chance;
use crate::domain::{Point, Responder, Travel};
use crate::geo::travel::eta_s;
use crate::scenario::Behaviour;

/// On the way a position is sent this often, in milliseconds; else only so often that it stays fresh.
const POSITION_MOVING_MS: u64 = 3_000;
const POSITION_STILL_MS: u64 = 45_000;

/// From the door to being inside, and from the yes to leaving, in milliseconds: somebody is watching.
const AT_DOOR_MS: (u64, u64) = (8_000, 25_000);
const LEAVES_MS: (u64, u64) = (2_000, 7_000);

/// Where neither a place nor an estimate is known, the way is taken to be this long, in seconds.
const WAY_UNKNOWN_S: u64 = 400;

/// How far somebody without a job strolls around their base, in degrees: some 150 m.
const STROLL_DEG: f64 = 0.0015;

const REASONS: [&str; 4] = ["正在照顾另一位老人", "电动车没电了", "离得太远", "身体不适"];

/// What the scenario says of people of this tier, and how much faster they are on the way and inside than they would be.
#[derive(Debug, Clone)]
pub struct Habits {
    pub behaviour: Behaviour,
    pub speed: u64,
}

#[derive(Debug)]
pub struct Mind {
    base: Point,
    at: Point,
    travel: Travel,
    habits: Habits,
    chance: Chance,
    doing: Doing,
    position_due_ms: u64,
}

#[derive(Debug, PartialEq)]
enum Doing {
    Free,
    /// The phone has rung; at `due_ms` they answer, or have put it away.
    Weighing {
        job: Job,
        answer: Answer,
        due_ms: u64,
    },
    /// Said yes; the service has the word.
    Waiting {
        offer: String,
    },
    /// Each step ends at `due_ms` with the word for the next one.
    Leaving {
        job: Job,
        due_ms: u64,
    },
    Going {
        job: Job,
        from: Point,
        since_ms: u64,
        due_ms: u64,
    },
    AtDoor {
        job: Job,
        due_ms: u64,
    },
    Inside {
        job: Job,
        due_ms: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    Silence,
}

impl Mind {
    /// `nth` spreads the first positions, so that sixty phones do not speak in the same millisecond.
    pub fn new(responder: &Responder, nth: usize, habits: Habits, chance: Chance, now_ms: u64) -> Self {
        let spread_ms = u64::try_from(nth).unwrap_or(0) * 100;
        Self {
            base: responder.base,
            at: responder.base,
            travel: responder.travel,
            habits,
            chance,
            doing: Doing::Free,
            position_due_ms: now_ms + spread_ms,
        }
    }

    pub fn hear(&mut self, hear: Hear, now_ms: u64) -> Vec<Say> {
        match hear {
            Hear::State { duty, offers, assignment } => self.reconcile(duty, offers, assignment, now_ms),
            Hear::Offer(job) => self.consider(job, now_ms),
            Hear::Assigned(job) => self.take_up(job, now_ms),
            Hear::Gone { offer } => {
                if self.offer() == Some(&offer) {
                    self.doing = Doing::Free;
                }
                Vec::new()
            }
            Hear::Noted { .. } | Hear::Other => Vec::new(),
        }
    }

    /// When something is to be done next. There always is a position to send.
    pub fn next_due_ms(&self) -> u64 {
        self.step_due_ms().map_or(self.position_due_ms, |due_ms| due_ms.min(self.position_due_ms))
    }

    /// Everything that has come due.
    pub fn tick(&mut self, now_ms: u64) -> Vec<Say> {
        let mut said = Vec::new();
        if self.step_due_ms().is_some_and(|due_ms| due_ms <= now_ms) {
            said.extend(self.step(now_ms));
        }
        if self.position_due_ms <= now_ms {
            said.push(self.position(now_ms));
        }
        said
    }

    /// A new link: what the service knows holds, and what one was doing about it goes on.
    fn reconcile(&mut self, duty: bool, offers: Vec<Job>, assignment: Option<Job>, now_ms: u64) -> Vec<Say> {
        let mut said = if duty { Vec::new() } else { vec![Say::OnDuty] };
        match assignment {
            Some(job) if self.is_under_way(&job.offer) => {}
            Some(job) => said.extend(self.take_up(job, now_ms)),
            None => self.doing = Doing::Free,
        }
        for offer in offers {
            said.extend(self.consider(offer, now_ms));
        }
        said.push(self.position(now_ms));
        said
    }

    fn consider(&mut self, job: Job, now_ms: u64) -> Vec<Say> {
        match self.doing {
            Doing::Free | Doing::Weighing { .. } => {}
            Doing::Waiting { .. } | Doing::Leaving { .. } | Doing::Going { .. } => return Vec::new(),
            Doing::AtDoor { .. } | Doing::Inside { .. } => return Vec::new(),
        }
        let answer = self.answer();
        let due_ms = now_ms + self.habits.behaviour.answer.draw(&mut self.chance);
        let offer = job.offer.clone();
        self.doing = Doing::Weighing { job, answer, due_ms };
        vec![Say::Shown { offer }]
    }

    fn answer(&mut self) -> Answer {
        if self.chance.pct(self.habits.behaviour.accept_pct) {
            Answer::Yes
        } else if self.chance.pct(self.habits.behaviour.no_pct) {
            Answer::No
        } else {
            Answer::Silence
        }
    }

    /// An assignment, fresh or found again after a restart: from the state that the service knows.
    fn take_up(&mut self, job: Job, now_ms: u64) -> Vec<Say> {
        if self.is_under_way(&job.offer) {
            return Vec::new();
        }
        match job.state.as_deref() {
            Some("en_route") => self.go(job, now_ms),
            Some("at_door") => self.at_door(job, now_ms),
            Some("inside") => self.doing = Doing::Inside { due_ms: now_ms + self.inside_ms(), job },
            _ => {
                let due_ms = now_ms + self.chance.between(LEAVES_MS.0, LEAVES_MS.1);
                self.doing = Doing::Leaving { due_ms, job };
            }
        }
        Vec::new()
    }

    fn go(&mut self, job: Job, now_ms: u64) {
        let way_s = job.point().map(|to| eta_s(self.at, to, self.travel)).or(job.eta_s).unwrap_or(WAY_UNKNOWN_S);
        let (least_pct, most_pct) = self.habits.behaviour.travel_pct;
        let way_ms = way_s * 10 * self.chance.between(least_pct, most_pct) / self.habits.speed;
        self.doing = Doing::Going { job, from: self.at, since_ms: now_ms, due_ms: now_ms + way_ms };
        self.position_due_ms = now_ms;
    }

    fn at_door(&mut self, job: Job, now_ms: u64) {
        self.doing = Doing::AtDoor { due_ms: now_ms + self.chance.between(AT_DOOR_MS.0, AT_DOOR_MS.1), job };
    }

    fn inside_ms(&mut self) -> u64 {
        self.habits.behaviour.on_scene.draw(&mut self.chance) / self.habits.speed
    }

    fn step_due_ms(&self) -> Option<u64> {
        match &self.doing {
            Doing::Free | Doing::Waiting { .. } => None,
            Doing::Weighing { due_ms, .. }
            | Doing::Leaving { due_ms, .. }
            | Doing::Going { due_ms, .. }
            | Doing::AtDoor { due_ms, .. }
            | Doing::Inside { due_ms, .. } => Some(*due_ms),
        }
    }

    fn step(&mut self, now_ms: u64) -> Option<Say> {
        match std::mem::replace(&mut self.doing, Doing::Free) {
            Doing::Free | Doing::Waiting { .. } => None,
            Doing::Weighing { job, answer, .. } => self.say_it(job.offer, answer),
            Doing::Leaving { job, .. } => {
                let said = status(&job, "en_route");
                self.go(job, now_ms);
                Some(said)
            }
            Doing::Going { job, .. } => {
                let said = status(&job, "at_door");
                self.at = job.point().unwrap_or(self.at);
                self.at_door(job, now_ms);
                Some(said)
            }
            Doing::AtDoor { job, .. } => {
                let said = status(&job, "inside");
                self.doing = Doing::Inside { due_ms: now_ms + self.inside_ms(), job };
                Some(said)
            }
            Doing::Inside { job, .. } => Some(status(&job, "clear")),
        }
    }

    fn say_it(&mut self, offer: String, answer: Answer) -> Option<Say> {
        match answer {
            Answer::Yes => {
                self.doing = Doing::Waiting { offer: offer.clone() };
                Some(Say::Accept { offer })
            }
            Answer::No => {
                let reason = *self.chance.pick(&REASONS);
                Some(Say::Decline { offer, reason })
            }
            Answer::Silence => None,
        }
    }

    fn position(&mut self, now_ms: u64) -> Say {
        let every_ms = match &self.doing {
            Doing::Going { job, from, since_ms, due_ms } => {
                if let Some(to) = job.point() {
                    self.at = between(*from, to, (*since_ms, *due_ms), now_ms);
                }
                POSITION_MOVING_MS
            }
            Doing::Free => {
                self.at = self.stroll();
                POSITION_STILL_MS
            }
            Doing::Weighing { .. } | Doing::Waiting { .. } | Doing::Leaving { .. } => POSITION_STILL_MS,
            Doing::AtDoor { .. } | Doing::Inside { .. } => POSITION_STILL_MS,
        };
        self.position_due_ms = now_ms + every_ms;
        Say::Position { point: self.at }
    }

    /// Some steps around, and half of the way back to the base.
    fn stroll(&mut self) -> Point {
        let (north, east) = (self.chance.unit() * STROLL_DEG, self.chance.unit() * STROLL_DEG);
        let lat = (self.at.lat() + self.base.lat()) / 2.0 + north;
        let lon = (self.at.lon() + self.base.lon()) / 2.0 + east;
        Point::from_degrees(lat, lon).unwrap_or(self.base)
    }

    fn is_under_way(&self, offer: &str) -> bool {
        !matches!(self.doing, Doing::Waiting { .. } | Doing::Weighing { .. })
            && self.offer().is_some_and(|it| it == offer)
    }

    fn offer(&self) -> Option<&String> {
        match &self.doing {
            Doing::Free => None,
            Doing::Waiting { offer } => Some(offer),
            Doing::Weighing { job, .. }
            | Doing::Leaving { job, .. }
            | Doing::Going { job, .. }
            | Doing::AtDoor { job, .. }
            | Doing::Inside { job, .. } => Some(&job.offer),
        }
    }
}

fn status(job: &Job, state: &'static str) -> Say {
    Say::Status { incident: job.incident.clone(), offer: job.offer.clone(), state }
}

/// In a straight line at an even speed.
fn between(from: Point, to: Point, (since_ms, due_ms): (u64, u64), now_ms: u64) -> Point {
    let whole = due_ms.saturating_sub(since_ms).max(1);
    let part = now_ms.saturating_sub(since_ms).min(whole) as f64 / whole as f64;
    let mix = |a: f64, b: f64| a + (b - a) * part;
    Point::from_degrees(mix(from.lat(), to.lat()), mix(from.lon(), to.lon())).unwrap_or(to)
}

#[cfg(test)]
#[path = "mind_tests.rs"]
mod tests;
