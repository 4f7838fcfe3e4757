//! From checked layers to the configuration, setting by setting.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::check::check_together;
use super::keys::{DISTRICTS, NEIGHBOURS, Value};
use super::layers::Layers;
use super::{
    BusConfig, Config, ConfigError, Console, GatewayConfig, Http, Log, ProcessRole, PushConfig, Sessions, StoreConfig,
    Watch, show,
};
use crate::dispatch::Policy;
use crate::dispatch::policy::CALL_BACK_S;
use crate::domain::plan::{Plan, PlanStart, PolicyName};
use crate::domain::sla::SlaTargets;
use crate::domain::{Channel, DistrictCode, SignalKind};

pub(super) fn build(mut layers: Layers) -> Result<Config, ConfigError> {
    check_together(&mut layers);
    if !layers.faults.is_empty() {
        layers.faults.sort();
        return Err(ConfigError::Faults(layers.faults));
    }
    let it = &layers;
    Ok(Config {
        data: PathBuf::from(it.text("data")),
        default_district: it.text("default_district").parse().ok(),
        store: StoreConfig {
            url: it.text("store.url").parse().ok(),
            lease_s: it.whole("store.lease_s"),
            single: it.flagged("store.single"),
        },
        bus: BusConfig {
            url: it.text("bus.url").parse().ok(),
            role: match it.text("bus.role") {
                "owner" => ProcessRole::Owner,
                "gateway" => ProcessRole::Gateway,
                _ => ProcessRole::All,
            },
        },
        http: Http {
            listen: it.listen("http.listen").expect("an address was checked"),
            connections: it.count("http.connections"),
            origins: it.texts("http.origins"),
            secure_cookie: it.flagged("http.secure_cookie"),
            body_bytes: it.count("limits.body_kib") * 1024,
            request_s: it.whole("limits.request_s"),
        },
        watch: Watch {
            listen: it.listen("watch.listen").expect("an address was checked"),
            connections: it.count("watch.connections"),
        },
        metrics: it.listen("metrics.listen"),
        push: PushConfig {
            contact: Some(it.text("push.contact").to_owned()).filter(|it| !it.is_empty()),
            services: it.texts("push.services"),
        },
        gateway: GatewayConfig {
            url: it.text("gateway.url").parse().ok(),
            secret: it.text("gateway.secret").to_owned(),
            channels: gateway_channels(it),
            timeout_s: it.whole("gateway.timeout_s"),
            tries: it.whole("gateway.tries"),
        },
        sessions: Sessions {
            ttl_s: it.whole("sessions.ttl_s"),
            free_failures: it.whole("sessions.free_failures"),
            longest_wait_s: it.whole("sessions.longest_wait_s"),
        },
        console: Console {
            map_origins: it.texts("console.map_origins"),
            utc_offset_min: it.whole("console.utc_offset_min"),
        },
        log: Log { json: it.text("log.format") == "json", filter: it.text("log.filter").to_owned() },
        policy: policy(it),
        shown: show::show(it),
    })
}

fn gateway_channels(it: &Layers) -> Vec<Channel> {
    let named = it.texts("gateway.channels");
    [Channel::Sms, Channel::Voice].into_iter().filter(|it| named.iter().any(|name| name == it.as_str())).collect()
}

pub(super) fn targets(layers: &Layers) -> Option<SlaTargets> {
    let preset = layers.text("sla.preset");
    let target = |key: &str| {
        let own = layers.get(&format!("sla.{key}"));
        match own.or_else(|| layers.get(&format!("sla.presets.{preset}.{key}")))? {
            Value::Whole(it) => Some(*it),
            Value::Text(_) | Value::Texts(_) | Value::Flag(_) | Value::Other(_) => None,
        }
    };
    Some(SlaTargets {
        answer_s: target("answer_s")?,
        door_urban_s: target("door_urban_s")?,
        door_rural_s: target("door_rural_s")?,
    })
}

fn policy(it: &Layers) -> Policy {
    let small = |path: &str| u8::try_from(it.whole(path)).expect("a rule keeps it below 51");
    let mut policy = Policy {
        sla: targets(it).expect("the targets were checked"),
        offer_ttl_s: it.whole("offers.ttl_s"),
        deliver_s: it.whole("offers.deliver_s"),
        parallel_max: small("offers.parallel_max"),
        ask_declined_again_s: it.whole("offers.ask_declined_again_s"),
        ask_silent_again_s: it.whole("offers.ask_silent_again_s"),
        ask_again_s: it.whole("offers.ask_again_s"),
        unattended_s: it.whole("claims.unattended_s"),
        claim_lost_s: it.whole("claims.lost_s"),
        claim_untended_s: it.whole("claims.untended_s"),
        last_call_s: it.whole("door.last_call_s"),
        unknown_cap: it.count("unknown_devices.cap"),
        outage_village: it.count("outages.village"),
        outage_district: it.count("outages.district"),
        policy: word(it, "dispatch.policy").expect("a rule keeps it a policy"),
        policies: policies(it),
        neighbours: neighbours(it),
        plans: BTreeMap::new(),
        ladder: it.ladder.clone().into(),
    };
    for kind in SignalKind::ALL.iter().copied().filter(|kind| kind.is_alarm()) {
        let plan = plan(it, kind);
        // A plan like the one that a kind without any has need not be kept.
        if plan != Plan::starting(PlanStart::CallBack, CALL_BACK_S) {
            policy.plans.insert(kind, plan);
        }
    }
    policy
}

fn plan(it: &Layers, kind: SignalKind) -> Plan {
    let path = |key: &str| format!("plans.{kind}.{key}");
    let start = match it.text(&path("start")) {
        "offer_at_once" => PlanStart::OfferAtOnce,
        "technical" => PlanStart::Technical,
        _ => PlanStart::CallBack,
    };
    let mut skills = it.texts(&path("skills"));
    skills.sort();
    let parallel = u8::try_from(it.whole(&path("parallel"))).expect("a rule keeps it below 51");
    let policy = word(it, &path("policy"));
    let preempt = it.flagged(&path("preempt"));
    Plan { start, wait_s: it.whole(&path("wait_s")), parallel, skills, policy, preempt }
}

/// `None` where the word says that the district decides.
fn word(it: &Layers, path: &str) -> Option<PolicyName> {
    it.text(path).parse().ok()
}

/// The districts that have a policy of their own.
fn policies(it: &Layers) -> BTreeMap<DistrictCode, PolicyName> {
    let own = it.iter().filter_map(|(path, _)| Some((path, path.strip_prefix(DISTRICTS)?.parse().ok()?)));
    own.filter_map(|(path, district)| Some((district, word(it, path)?))).collect()
}

/// Whom each district asks for aid: never itself, and nobody twice.
fn neighbours(it: &Layers) -> BTreeMap<DistrictCode, Vec<DistrictCode>> {
    let asking = it.iter().filter_map(|(path, _)| Some((path, path.strip_prefix(NEIGHBOURS)?.parse().ok()?)));
    let of = |path: &str, own: DistrictCode| {
        let named = it.texts(path).into_iter().filter_map(|code| code.parse().ok()).filter(|code| *code != own);
        let mut seen = BTreeSet::new();
        named.filter(|code| seen.insert(*code)).collect()
    };
    asking.map(|(path, district)| (district, of(path, district))).collect()
}
