//! What people do, dealt beforehand: each thing a pure function of the seed, of the arrival that it is about, of who
//! does it and of the how-manieth time. The order in which anything is asked changes nothing.

use crate::chance::Chance;
use crate::domain::Tier;
use crate::scenario::{Arrival, Happening, Scenario};

/// How somebody takes an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    Yes,
    No,
    Silence,
}

#[derive(Debug, Clone, Copy)]
pub struct Deal<'a> {
    scenario: &'a Scenario,
    seed: u64,
}

/// What is dealt; the number is part of every name.
#[derive(Debug, Clone, Copy)]
enum About {
    Answer = 10,
    Way = 11,
    OnScene = 12,
    TurnsBack = 13,
    NeedsNobody = 14,
    Claim = 15,
    Emergency = 16,
    Desk = 17,
}

/// A part of a span, in ten-thousandths, so that tiers with other spans are dealt the same part.
const PARTS: u64 = 10_000;

impl<'a> Deal<'a> {
    pub fn new(scenario: &'a Scenario, seed: u64) -> Self {
        Self { scenario, seed }
    }

    pub fn seed(&self) -> u64 {
        self.seed
    }

    fn draw(&self, about: About, names: [u64; 3]) -> Chance {
        Chance::of(self.seed, &[about as u64, names[0], names[1], names[2]])
    }

    /// How `responder` takes the `n`-th offer about `origin`, and how long after it is on the screen.
    pub fn reaction(&self, origin: usize, responder: usize, n: u64) -> (Reaction, u64) {
        let it = self.scenario.behaviour(self.tier(responder));
        let mut chance = self.draw(About::Answer, [origin as u64, responder as u64, n]);
        let (yes, no) = (chance.pct(it.accept_pct), chance.pct(it.no_pct));
        let after_ms = it.answer.draw(&mut chance);
        let reaction = match (yes, no) {
            (true, _) => Reaction::Yes,
            (false, true) => Reaction::No,
            (false, false) => Reaction::Silence,
        };
        (reaction, after_ms)
    }

    /// The way to `origin` in percent of the estimate.
    pub fn travel_pct(&self, origin: usize, responder: usize) -> u64 {
        let (least, most) = self.scenario.behaviour(self.tier(responder)).travel_pct;
        self.draw(About::Way, [origin as u64, responder as u64, 0]).between(least, most)
    }

    /// From the door to the end. What is needed there is the case's; how fast somebody is there is the tier's.
    pub fn on_scene_ms(&self, arrivals: &[Arrival], origin: usize, responder: usize) -> u64 {
        if let Some(Happening::Signal { on_scene_ms: Some(on_scene_ms), .. }) = arrivals.get(origin).map(|it| &it.what)
        {
            return *on_scene_ms;
        }
        let span = self.scenario.behaviour(self.tier(responder)).on_scene;
        let part = self.draw(About::OnScene, [origin as u64, 0, 0]).below(PARTS + 1);
        span.least_ms + (span.most_ms - span.least_ms) * part / PARTS
    }

    pub fn turns_back(&self, origin: usize, responder: usize) -> bool {
        let pct = self.scenario.behaviour(self.tier(responder)).turns_back_pct;
        self.draw(About::TurnsBack, [origin as u64, responder as u64, 0]).pct(pct)
    }

    /// Called back first, it turns out that nobody need come.
    pub fn needs_nobody(&self, origin: usize) -> bool {
        self.draw(About::NeedsNobody, [origin as u64, 0, 0]).pct(self.scenario.operators.no_help_pct)
    }

    pub fn is_claimed(&self, origin: usize) -> bool {
        self.draw(About::Claim, [origin as u64, 0, 0]).pct(self.scenario.operators.claim_pct)
    }

    pub fn is_emergency(&self, origin: usize) -> bool {
        self.draw(About::Emergency, [origin as u64, 0, 0]).pct(self.scenario.operators.emergency_pct)
    }

    /// What an operator takes for the `step`-th thing about `origin`.
    pub fn desk(&self, origin: usize, step: u64) -> Chance {
        self.draw(About::Desk, [origin as u64, step, 0])
    }

    fn tier(&self, responder: usize) -> Tier {
        self.scenario.population.responders[responder].tier
    }
}
