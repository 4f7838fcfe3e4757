//! The configuration: defaults, file, environment and flags in layers, checked as a whole before anything starts.
//! A setting whose name speaks of a secret is masked when shown.

mod fault;
mod keys;
mod layers;
mod show;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub use fault::{ConfigError, Fault, Place};

use self::keys::{DISTRICTS, NEIGHBOURS, Value};
use self::layers::{FILE_VARIABLE, Layers};
use crate::bus::BusUrl;
use crate::dispatch::Policy;
use crate::dispatch::policy::CALL_BACK_S;
use crate::domain::plan::{Plan, PlanStart, PolicyName};
use crate::domain::sla::SlaTargets;
use crate::domain::{Channel, DistrictCode, SignalKind};
use crate::journal::StoreUrl;
use crate::registry::Place as RegistryPlace;

/// A shorter one could be found by trying.
const GATEWAY_SECRET_MIN: usize = 32;

/// All settings with their defaults, units and reasons.
pub const DEFAULTS: &str = include_str!("../../config.default.toml");

/// The configuration as it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    pub data: PathBuf,
    pub default_district: Option<DistrictCode>,
    pub store: StoreConfig,
    pub bus: BusConfig,
    pub http: Http,
    pub watch: Watch,
    /// A listener for metrics alone, without sign-in.
    pub metrics: Option<SocketAddr>,
    pub push: PushConfig,
    pub gateway: GatewayConfig,
    pub sessions: Sessions,
    pub console: Console,
    pub log: Log,
    pub policy: Policy,
    /// As `config show` prints it.
    pub shown: String,
}

/// Where record and registry are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// `None`: in the data folder.
    pub url: Option<StoreUrl>,
    /// An owner that has not renewed its leases for so long may be followed by another.
    pub lease_s: u64,
    /// One server is enough: nobody is told that there is no synchronous standby.
    pub single: bool,
}

/// How several processes share the work; without a bus one process does all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusConfig {
    pub url: Option<BusUrl>,
    pub role: ProcessRole,
}

/// What a process does beside a bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessRole {
    /// Runs the engines of districts.
    Owner,
    /// Holds the sockets of devices, consoles and responders.
    Gateway,
    All,
}

impl ProcessRole {
    pub fn owns(self) -> bool {
        matches!(self, Self::Owner | Self::All)
    }

    pub fn is_gateway(self) -> bool {
        matches!(self, Self::Gateway | Self::All)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Gateway => "gateway",
            Self::All => "all",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    pub listen: SocketAddr,
    pub connections: usize,
    pub origins: Vec<String>,
    pub secure_cookie: bool,
    pub body_bytes: usize,
    pub request_s: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    pub listen: SocketAddr,
    pub connections: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushConfig {
    /// Whom a push service may write to; `None`: no push.
    pub contact: Option<String>,
    pub services: Vec<String>,
}

/// The hook of a provider of SMS and voice.
#[derive(Clone, PartialEq, Eq)]
pub struct GatewayConfig {
    pub url: Option<reqwest::Url>,
    pub secret: String,
    pub channels: Vec<Channel>,
    pub timeout_s: u64,
    pub tries: u64,
}

impl std::fmt::Debug for GatewayConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GatewayConfig").field("channels", &self.channels).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sessions {
    pub ttl_s: u64,
    pub free_failures: u64,
    pub longest_wait_s: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Console {
    /// From where a browser may fetch a base map, besides us.
    pub map_origins: Vec<String>,
    /// Minutes by which the clocks of the place are ahead of UTC.
    pub utc_offset_min: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    pub json: bool,
    pub filter: String,
}

/// What the command line says of settings.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub data: Option<PathBuf>,
    pub http: Option<String>,
    pub watch: Option<String>,
    pub metrics: Option<String>,
    pub store: Option<String>,
    pub single_store: bool,
    pub bus: Option<String>,
    pub role: Option<String>,
}

impl Config {
    /// From all layers. `file` wins over the variable TIDEWATCH_CONFIG.
    pub fn load(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
        flags: &Flags,
    ) -> Result<Self, ConfigError> {
        let variables: Vec<(String, String)> = variables.into_iter().collect();
        let named = variables.iter().find(|(name, _)| name == FILE_VARIABLE).map(|(_, path)| PathBuf::from(path));
        let mut layers = Layers::default();
        layers.file("config.default.toml", DEFAULTS);
        if let Some(path) = file.map(Path::to_owned).or(named) {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(&path);
            layers.file(&name, &text.map_err(|source| ConfigError::File { path: name.clone(), source })?);
        }
        layers.environment(variables);
        lay_flags(&mut layers, flags);
        build(layers)
    }
}

impl Config {
    /// The registry is beside the record.
    pub fn registry(&self) -> RegistryPlace {
        match &self.store.url {
            None => RegistryPlace::from(self.data.as_path()),
            Some(url) => RegistryPlace::from(url),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::load(None, [], &Flags::default()).expect("the defaults are a configuration, which a test holds")
    }
}

fn lay_flags(layers: &mut Layers, flags: &Flags) {
    if let Some(data) = &flags.data {
        layers.flag("data", "--data", &data.display().to_string());
    }
    if flags.single_store {
        layers.flag("store.single", "--single-store", "true");
    }
    let texts = [
        ("store.url", "--store", &flags.store),
        ("bus.url", "--bus", &flags.bus),
        ("bus.role", "--role", &flags.role),
        ("http.listen", "--http", &flags.http),
        ("watch.listen", "--watch", &flags.watch),
        ("metrics.listen", "--metrics", &flags.metrics),
    ];
    for (path, flag, text) in texts {
        if let Some(text) = text {
            layers.flag(path, flag, text);
        }
    }
}

fn build(mut layers: Layers) -> Result<Config, ConfigError> {
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

/// What no setting alone can tell.
fn check_together(layers: &mut Layers) {
    let mut faults = Vec::new();
    let mut fault = |path: &str, found: String, expected: &str, mend: &str| {
        if let Some(place) = layers.place(path) {
            faults.push(Fault { place: place.clone(), found, expected: expected.to_owned(), mend: mend.to_owned() });
        }
    };
    if targets(layers).is_none() {
        let found =
            format!("sla.preset = `{}`, which has no [sla.presets.…] with three targets", layers.text("sla.preset"));
        fault("sla.preset", found, "the name of a preset", "write haining, tsa-qsf or nena-020, or add that preset");
    }
    if !layers.text("bus.url").is_empty() && layers.text("store.url").is_empty() {
        let mend = "give store.url (--store postgres://…) too, or leave the bus out";
        fault("bus.url", "a bus without a store".to_owned(), "a PostgreSQL that all processes share", mend);
    }
    if layers.text("bus.url").is_empty() && layers.text("bus.role") != "all" {
        let found = format!("bus.role = `{}` without a bus", layers.text("bus.role"));
        fault("bus.role", found, "all, where one process does everything", "give bus.url (--bus redis://…) too");
    }
    if layers.whole("offers.deliver_s") > layers.whole("offers.ttl_s") {
        let found = format!("offers.deliver_s = {}", layers.whole("offers.deliver_s"));
        fault("offers.deliver_s", found, "at most offers.ttl_s", "lower it, or raise offers.ttl_s");
    }
    if let Some(text) = layers.iter().find_map(|(path, _)| bad_parallel(layers, path)) {
        fault(
            &text,
            format!("{text} above offers.parallel_max"),
            "at most offers.parallel_max",
            "lower it, or raise the other",
        );
    }
    if !layers.text("gateway.url").is_empty() && layers.text("gateway.secret").len() < GATEWAY_SECRET_MIN {
        fault(
            "gateway.secret",
            "gateway.url without a gateway.secret of 32 letters or more".to_owned(),
            "the secret with which the hook is signed",
            "set TIDEWATCH_GATEWAY_SECRET, or empty gateway.url",
        );
    }
    let known = ["sms", "voice"];
    if let Some(found) = layers.texts("gateway.channels").iter().find(|it| !known.contains(&it.as_str())) {
        fault("gateway.channels", format!("gateway.channels with `{found}`"), "sms, voice or both", "correct it");
    }
    let filter = layers.text("log.filter");
    if let Err(error) = filter.parse::<tracing_subscriber::EnvFilter>() {
        fault(
            "log.filter",
            format!("log.filter that cannot be read ({error})"),
            "directives such as info",
            "correct it",
        );
    }
    if layers.ladder.is_empty() {
        fault("data", "no [[ladder]]".to_owned(), "one rung at least", "add a [[ladder]], or remove `ladder`");
    }
    layers.faults.extend(faults);
}

fn gateway_channels(it: &Layers) -> Vec<Channel> {
    let named = it.texts("gateway.channels");
    [Channel::Sms, Channel::Voice].into_iter().filter(|it| named.iter().any(|name| name == it.as_str())).collect()
}

fn bad_parallel(layers: &Layers, path: &str) -> Option<String> {
    let is_one = path.starts_with("plans.") && path.ends_with(".parallel");
    (is_one && layers.whole(path) > layers.whole("offers.parallel_max")).then(|| path.to_owned())
}

fn targets(layers: &Layers) -> Option<SlaTargets> {
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

/// Typed reading of what the rules have checked; the defaults hold every path.
impl Layers {
    fn whole(&self, path: &str) -> u64 {
        match self.get(path) {
            Some(Value::Whole(it)) => *it,
            other => panic!("{path} is {other:?}, but its rule and default are a whole number"),
        }
    }

    fn flagged(&self, path: &str) -> bool {
        match self.get(path) {
            Some(Value::Flag(it)) => *it,
            other => panic!("{path} is {other:?}, but its rule and default are a flag"),
        }
    }

    fn count(&self, path: &str) -> usize {
        usize::try_from(self.whole(path)).unwrap_or(usize::MAX)
    }

    fn text(&self, path: &str) -> &str {
        match self.get(path) {
            Some(Value::Text(it)) => it,
            other => panic!("{path} is {other:?}, but its rule and default are text"),
        }
    }

    fn texts(&self, path: &str) -> Vec<String> {
        match self.get(path) {
            Some(Value::Texts(it)) => it.clone(),
            other => panic!("{path} is {other:?}, but its rule and default are texts"),
        }
    }

    fn listen(&self, path: &str) -> Option<SocketAddr> {
        self.text(path).parse().ok()
    }
}
