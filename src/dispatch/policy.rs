//! Policy: the settings a decision reads. They come from the configuration; what was used is written into the event.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::plan::{Plan, PlanStart, PolicyName, Rung, RungAction};
use crate::domain::sla::SlaTargets;
use crate::domain::{DistrictCode, SignalKind, Tier};

/// All of it in whole seconds; defaults and reasons stand in `config.default.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub sla: SlaTargets,
    /// An offer that nobody answers ends after this.
    pub offer_ttl_s: u64,
    /// An offer that no channel has confirmed by then counts as undelivered.
    pub deliver_s: u64,
    /// The most that one command may ask at once.
    pub parallel_max: u8,
    /// A responder who declined is not asked for the same incident before that.
    pub ask_declined_again_s: u64,
    /// A responder who did not answer is not asked for the same incident before that.
    pub ask_silent_again_s: u64,
    /// With nobody available, the whole search is tried again after this, and each time somebody becomes free.
    pub ask_again_s: u64,
    /// A claimed incident in which nothing was done for this long alarms again.
    pub unattended_s: u64,
    /// A claim outlives the owner's last live feed by this.
    pub claim_lost_s: u64,
    /// A claim without any live feed outlives the owner's last action by this.
    pub claim_untended_s: u64,
    /// At the latest this long before the door promise somebody is warned that nobody is there.
    pub last_call_s: u64,
    /// Open incidents of unknown devices that one listener may cause.
    pub unknown_cap: usize,
    /// As many devices silent together in one village are one outage.
    pub outage_village: usize,
    /// As many devices silent together in the district are one outage.
    pub outage_district: usize,
    /// Who is asked is chosen by this, where neither the plan nor the district has a policy of its own.
    pub policy: PolicyName,
    /// Districts that have one of their own.
    pub policies: BTreeMap<DistrictCode, PolicyName>,
    /// Whom each district asks for aid.
    pub neighbours: BTreeMap<DistrictCode, Vec<DistrictCode>>,
    pub plans: BTreeMap<SignalKind, Plan>,
    pub ladder: Arc<[Rung]>,
}

/// Somebody has so long to call back before offers start by themselves, in seconds.
pub const CALL_BACK_S: u64 = 60;

impl Policy {
    /// The plan of a kind in a district, with everything resolved. A kind without one of its own calls back first.
    pub fn plan(&self, kind: SignalKind, district: DistrictCode) -> Plan {
        let mut plan = self.plans.get(&kind).cloned().unwrap_or_else(|| {
            Plan::starting(if kind.is_alarm() { PlanStart::CallBack } else { PlanStart::Technical }, CALL_BACK_S)
        });
        let of_district = self.policies.get(&district).copied().unwrap_or(self.policy);
        plan.policy = plan.policy.or(Some(of_district));
        plan
    }

    /// Whom a district asks for aid.
    pub fn neighbours(&self, district: DistrictCode) -> &[DistrictCode] {
        self.neighbours.get(&district).map_or(&[], Vec::as_slice)
    }
}

impl Default for Policy {
    /// The preset `haining`, as in `config.default.toml`.
    fn default() -> Self {
        let at_once = Plan::starting(PlanStart::OfferAtOnce, 0);
        let plans = SignalKind::ALL
            .iter()
            .filter(|kind| kind.is_alarm() && u8::from(kind.opening_urgency()) == 2)
            .map(|kind| (*kind, at_once.clone()))
            .collect();
        let all = vec![Tier::Keyholder, Tier::Volunteer, Tier::Staff];
        let rung = |name: &str, action, patience_s| Rung { name: name.to_owned(), action, patience_s };
        Self {
            sla: SlaTargets { answer_s: 15, door_urban_s: 1800, door_rural_s: 3600 },
            offer_ttl_s: 30,
            deliver_s: 10,
            parallel_max: 5,
            ask_declined_again_s: 600,
            ask_silent_again_s: 60,
            ask_again_s: 60,
            unattended_s: 90,
            claim_lost_s: 30,
            claim_untended_s: 300,
            last_call_s: 300,
            unknown_cap: 100,
            outage_village: 5,
            outage_district: 20,
            policy: PolicyName::Matched,
            policies: BTreeMap::new(),
            neighbours: BTreeMap::new(),
            plans,
            ladder: Arc::new([
                rung("nearest", RungAction::Ask(all), 180),
                rung("supervisor", RungAction::Task, 120),
                rung("neighbour", RungAction::Aid, 180),
                rung("120", RungAction::Task, 600),
            ]),
        }
    }
}
