//! A small made-up world from a seed: homes, couples, devices, responders, operators, and the policy they live under.

use std::sync::Arc;

use crate::chance::Chance;
use crate::dispatch::facts::Row;
use crate::dispatch::{By, Facts, Policy};
use crate::domain::plan::{Plan, PlanStart, PolicyName, Rung, RungAction};
use crate::domain::premises::{Device, District, Premises};
use crate::domain::subject::Subject;
use crate::domain::*;

/// The middle of the world, in degrees.
const MIDDLE: (f64, f64) = (30.53, 120.69);
/// Half its width, in units of a thousandth of a degree (about 100 m).
const HALF_WIDTH: u64 = 80;

const SKILL: &str = "first_aid";

#[derive(Debug)]
pub struct World {
    pub district: DistrictCode,
    pub facts: Arc<Facts>,
    pub policy: Arc<Policy>,
    pub homes: Vec<PremisesId>,
    pub subjects: Vec<SubjectId>,
    pub devices: Vec<DeviceId>,
    pub responders: Vec<ResponderId>,
    pub operators: Vec<By>,
}

impl World {
    /// `other` draws what was added since, so that a seed of before is still the world that it was.
    pub fn drawn(chance: &mut Chance, other: &mut Chance) -> Self {
        let district = id("330481");
        let mut world = Self {
            district,
            facts: Arc::default(),
            policy: Arc::new(choosing(policy(chance), other)),
            homes: Vec::new(),
            subjects: Vec::new(),
            devices: Vec::new(),
            responders: Vec::new(),
            operators: Vec::new(),
        };
        let mut facts = Facts::default();
        facts.version = 1;
        facts.put(Row::District(District { code: district, name: "D".into(), hotline: "967890".into() }));
        world.populate(&mut facts, chance);
        world.staff(&mut facts, chance);
        world.facts = Arc::new(facts);
        world
    }

    fn populate(&mut self, facts: &mut Facts, chance: &mut Chance) {
        for home in 0..chance.between(2, 14) {
            let premises: PremisesId = id(&format!("P-{home}"));
            facts.put(Row::Premises(self.home(&premises, chance)));
            self.homes.push(premises.clone());
            // Every third home is a couple's.
            for _ in 0..1 + u64::from(chance.pct(33)) {
                let subject: SubjectId = id(&format!("S-{}", self.subjects.len()));
                facts.put(Row::Subject(lives_at(&subject, &premises)));
                for _ in 0..chance.between(1, 2) {
                    let device = self.device(&subject, chance);
                    facts.put(Row::Device(device));
                }
                self.subjects.push(subject);
            }
        }
    }

    pub fn home(&self, premises: &PremisesId, chance: &mut Chance) -> Premises {
        Premises {
            id: premises.clone(),
            district: self.district,
            village: chance.pct(70).then(|| format!("33048100100{}", chance.below(3))),
            class: if chance.pct(60) { Class::Urban } else { Class::Rural },
            address: String::new(),
            point: somewhere(chance),
        }
    }

    fn device(&mut self, subject: &SubjectId, chance: &mut Chance) -> Device {
        let device: DeviceId = id(&format!("D-{}", self.devices.len()));
        self.devices.push(device.clone());
        let name = format!("http:{device}").parse().expect("a made-up name is well formed");
        Device {
            id: device,
            subject: subject.clone(),
            name,
            supervision_s: chance.pct(60).then(|| chance.between(300, 900)),
        }
    }

    fn staff(&mut self, facts: &mut Facts, chance: &mut Chance) {
        for n in 0..chance.between(3, 30) {
            let responder: ResponderId = id(&format!("R-{n}"));
            facts.put(Row::Responder(self.responder(&responder, chance)));
            self.responders.push(responder);
        }
        for n in 0..chance.between(1, 3) {
            self.operators.push(By { account: id(&format!("operator-{n}")), supervisor: false });
        }
        self.operators.push(By { account: id("supervisor-0"), supervisor: true });
    }

    pub fn responder(&self, responder: &ResponderId, chance: &mut Chance) -> Responder {
        Responder {
            id: responder.clone(),
            district: self.district,
            name: String::new(),
            phone: String::new(),
            tier: *chance.pick(&[Tier::Keyholder, Tier::Volunteer, Tier::Staff]),
            skills: if chance.pct(60) { vec![SKILL.to_owned()] } else { Vec::new() },
            travel: *chance.pick(&Travel::ALL),
            base: somewhere(chance),
        }
    }
}

/// A made-up id, which cannot be wrong.
pub fn id<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is made up and well formed"))
}

pub fn somewhere(chance: &mut Chance) -> Point {
    let mut off = || (chance.below(2_000 * HALF_WIDTH) as f64 / 1_000.0 - HALF_WIDTH as f64) / 1_000.0;
    Point::from_degrees(MIDDLE.0 + off(), MIDDLE.1 + off()).expect("the world lies on earth")
}

fn lives_at(subject: &SubjectId, premises: &PremisesId) -> Subject {
    Subject::bare(subject.clone(), premises.clone())
}

/// The preset; or tiers one after the other, several asked at once, skills, kinds that are technical work.
fn policy(chance: &mut Chance) -> Policy {
    let mut policy = Policy { unknown_cap: chance.between(1, 4) as usize, ..Policy::default() };
    if chance.pct(50) {
        let asks = |tier| Rung { name: format!("{tier:?}"), action: RungAction::Ask(vec![tier]), patience_s: 120 };
        let mut ladder = vec![asks(Tier::Keyholder), asks(Tier::Volunteer), asks(Tier::Staff)];
        ladder.extend_from_slice(&policy.ladder[1..]);
        policy.ladder = ladder.into();
    }
    for plan in policy.plans.values_mut() {
        plan.parallel = if chance.pct(30) { chance.between(2, 3) as u8 } else { 1 };
        if chance.pct(15) {
            plan.skills.push(SKILL.to_owned());
        }
    }
    if chance.pct(30) {
        policy.plans.insert(SignalKind::WaterLeak, Plan::starting(PlanStart::Technical, 0));
    }
    policy
}

/// By which policy is asked: of the district, and of some plans; and which plans may turn somebody who is on the way.
fn choosing(mut policy: Policy, chance: &mut Chance) -> Policy {
    policy.policy = *chance.pick(&PolicyName::ALL);
    for plan in policy.plans.values_mut() {
        plan.policy = chance.pct(20).then(|| *chance.pick(&PolicyName::ALL));
        plan.preempt = chance.pct(40);
    }
    policy
}
