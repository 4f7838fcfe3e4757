//! The settings there are, and what each may hold.

use std::net::SocketAddr;

use crate::bus::BusUrl;
use crate::domain::{DistrictCode, SignalKind};
use crate::journal::StoreUrl;

/// What a setting holds, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Whole(u64),
    Text(String),
    Texts(Vec<String>),
    Flag(bool),
    /// Nothing that a setting could be; its kind in words.
    Other(&'static str),
}

/// What a setting may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    Whole {
        least: u64,
        most: u64,
    },
    Text,
    Listen,
    ListenOrEmpty,
    /// An http or https address.
    UrlOrEmpty,
    TextOrEmpty,
    /// The address of a PostgreSQL; never repeated, as there may be a password in it.
    StoreOrEmpty,
    /// The address of a Redis; never repeated either.
    BusOrEmpty,
    DistrictOrEmpty,
    Word(&'static [&'static str]),
    Texts,
    /// Codes of districts.
    Districts,
    /// Schemes with hosts, and nothing behind.
    Origins,
    Flag,
}

/// A day: nothing that is waited for is worth more.
const DAY_S: u64 = 86_400;

const SECONDS: Rule = Rule::Whole { least: 1, most: DAY_S };
const SECONDS_OR_NONE: Rule = Rule::Whole { least: 0, most: DAY_S };
const COUNT: Rule = Rule::Whole { least: 1, most: 1_000_000 };
/// As many as one command may ask at once (`Policy::parallel_max` is a u8).
const PARALLEL: Rule = Rule::Whole { least: 1, most: 50 };
const POLICIES: &[&str] = &["nearest", "matched", "covering", "acceptance-aware"];
/// Of a plan: `district` leaves it to the district.
const PLAN_POLICIES: &[&str] = &["district", "nearest", "matched", "covering", "acceptance-aware"];
const STARTS: &[&str] = &["offer_at_once", "call_back", "technical"];

const KEYS: &[(&str, Rule)] = &[
    ("data", Rule::Text),
    ("default_district", Rule::DistrictOrEmpty),
    ("store.url", Rule::StoreOrEmpty),
    ("store.lease_s", Rule::Whole { least: 2, most: 60 }),
    ("store.single", Rule::Flag),
    ("bus.url", Rule::BusOrEmpty),
    ("bus.role", Rule::Word(&["owner", "gateway", "all"])),
    ("http.listen", Rule::Listen),
    ("http.connections", COUNT),
    ("http.origins", Rule::Texts),
    ("http.secure_cookie", Rule::Flag),
    ("watch.listen", Rule::Listen),
    ("watch.connections", COUNT),
    ("metrics.listen", Rule::ListenOrEmpty),
    ("push.contact", Rule::TextOrEmpty),
    ("push.services", Rule::Texts),
    ("gateway.url", Rule::UrlOrEmpty),
    ("gateway.secret", Rule::TextOrEmpty),
    ("gateway.channels", Rule::Texts),
    ("gateway.timeout_s", Rule::Whole { least: 1, most: 8 }),
    ("gateway.tries", Rule::Whole { least: 1, most: 10 }),
    ("limits.body_kib", Rule::Whole { least: 1, most: 1024 }),
    ("limits.request_s", SECONDS),
    ("sessions.ttl_s", Rule::Whole { least: 60, most: 30 * DAY_S }),
    ("sessions.free_failures", COUNT),
    ("sessions.longest_wait_s", SECONDS),
    ("console.map_origins", Rule::Origins),
    ("console.utc_offset_min", Rule::Whole { least: 0, most: 14 * 60 }),
    ("log.format", Rule::Word(&["text", "json"])),
    ("log.filter", Rule::Text),
    ("sla.preset", Rule::Text),
    ("sla.answer_s", SECONDS),
    ("sla.door_urban_s", SECONDS),
    ("sla.door_rural_s", SECONDS),
    ("dispatch.policy", Rule::Word(POLICIES)),
    ("offers.ttl_s", SECONDS),
    ("offers.deliver_s", SECONDS),
    ("offers.parallel_max", PARALLEL),
    ("offers.ask_declined_again_s", SECONDS),
    ("offers.ask_silent_again_s", SECONDS),
    ("offers.ask_again_s", SECONDS),
    ("claims.unattended_s", SECONDS),
    ("claims.lost_s", SECONDS),
    ("claims.untended_s", SECONDS),
    ("door.last_call_s", SECONDS),
    ("unknown_devices.cap", COUNT),
    ("outages.village", COUNT),
    ("outages.district", COUNT),
];

const PLAN_KEYS: &[(&str, Rule)] = &[
    ("start", Rule::Word(STARTS)),
    ("wait_s", SECONDS_OR_NONE),
    ("parallel", PARALLEL),
    ("skills", Rule::Texts),
    ("policy", Rule::Word(PLAN_POLICIES)),
    ("preempt", Rule::Flag),
];

/// Below it, by their codes, the districts that have a policy of their own.
pub(super) const DISTRICTS: &str = "dispatch.districts.";

/// Below it, by their codes, the districts that ask others for aid.
pub(super) const NEIGHBOURS: &str = "aid.neighbours.";

const PRESET_KEYS: [&str; 3] = ["answer_s", "door_urban_s", "door_rural_s"];

/// The rule of a path such as `offers.ttl_s` or `plans.sos.parallel`; `None`: there is no such setting.
pub(super) fn rule(path: &str) -> Option<Rule> {
    if let Some((_, rule)) = KEYS.iter().find(|(key, _)| *key == path) {
        return Some(*rule);
    }
    if let Some((kind, key)) = path.strip_prefix("plans.").and_then(|rest| rest.split_once('.')) {
        kind.parse::<SignalKind>().ok().filter(|kind| kind.is_alarm())?;
        return PLAN_KEYS.iter().find(|(name, _)| *name == key).map(|(_, rule)| *rule);
    }
    if let Some(code) = path.strip_prefix(DISTRICTS) {
        return code.parse::<DistrictCode>().is_ok().then_some(Rule::Word(POLICIES));
    }
    if let Some(code) = path.strip_prefix(NEIGHBOURS) {
        return code.parse::<DistrictCode>().is_ok().then_some(Rule::Districts);
    }
    let (_, key) = path.strip_prefix("sla.presets.")?.split_once('.')?;
    PRESET_KEYS.contains(&key).then_some(SECONDS)
}

/// The settings that stand in no file by default.
pub(super) const OVERRIDES: [&str; 3] = ["sla.answer_s", "sla.door_urban_s", "sla.door_rural_s"];

/// What is expected where something else was found.
pub(super) fn expected(rule: Rule) -> String {
    match rule {
        Rule::Whole { least, most } => format!("a whole number from {least} to {most}"),
        Rule::Text => "text in quotes".to_owned(),
        Rule::Listen => "an address and port in quotes, such as \"127.0.0.1:8080\"".to_owned(),
        Rule::ListenOrEmpty => "an address and port in quotes, or \"\" for none".to_owned(),
        Rule::UrlOrEmpty => "an address such as \"https://sms.example/hook\", or \"\" for none".to_owned(),
        Rule::TextOrEmpty => "text in quotes, or \"\" for none".to_owned(),
        Rule::StoreOrEmpty => {
            "an address such as \"postgres://tidewatch@db.example/tidewatch\", or \"\" for none".to_owned()
        }
        Rule::BusOrEmpty => "an address such as \"redis://bus.example:6379\", or \"\" for none".to_owned(),
        Rule::DistrictOrEmpty => "a district code of six digits in quotes, or \"\" for none".to_owned(),
        Rule::Word(words) => format!("one of {}", words.join(", ")),
        Rule::Texts => "a list of texts in quotes".to_owned(),
        Rule::Districts => "a list of district codes of six digits in quotes".to_owned(),
        Rule::Origins => "a list of origins in quotes, such as \"https://tiles.example\"".to_owned(),
        Rule::Flag => "true or false".to_owned(),
    }
}

/// What was found, in words, where it does not keep the rule.
pub(super) fn found_wrong(rule: Rule, value: &Value) -> Option<String> {
    if let (Rule::Origins, Value::Texts(all)) = (rule, value) {
        return all.iter().find(|it| !is_origin(it)).map(|it| said(&Value::Text(it.clone())));
    }
    if let (Rule::Districts, Value::Texts(all)) = (rule, value) {
        let wrong = all.iter().find(|it| it.parse::<DistrictCode>().is_err());
        return wrong.map(|it| said(&Value::Text(it.clone())));
    }
    if let (Rule::StoreOrEmpty, Value::Text(it)) = (rule, value) {
        return (!it.is_empty() && it.parse::<StoreUrl>().is_err()).then(|| "an address that is not one".to_owned());
    }
    if let (Rule::BusOrEmpty, Value::Text(it)) = (rule, value) {
        return (!it.is_empty() && it.parse::<BusUrl>().is_err()).then(|| "an address that is not one".to_owned());
    }
    let right = match (rule, value) {
        (Rule::Whole { least, most }, Value::Whole(it)) => (least..=most).contains(it),
        (Rule::Text, Value::Text(it)) => !it.is_empty(),
        (Rule::Listen, Value::Text(it)) => it.parse::<SocketAddr>().is_ok(),
        (Rule::ListenOrEmpty, Value::Text(it)) => it.is_empty() || it.parse::<SocketAddr>().is_ok(),
        (Rule::UrlOrEmpty, Value::Text(it)) => it.is_empty() || is_url(it),
        (Rule::TextOrEmpty, Value::Text(_)) => true,
        (Rule::DistrictOrEmpty, Value::Text(it)) => it.is_empty() || it.parse::<DistrictCode>().is_ok(),
        (Rule::Word(words), Value::Text(it)) => words.contains(&it.as_str()),
        (Rule::Texts, Value::Texts(_)) | (Rule::Flag, Value::Flag(_)) => true,
        _ => false,
    };
    (!right).then(|| said(value))
}

fn said(value: &Value) -> String {
    match value {
        Value::Whole(it) => it.to_string(),
        Value::Text(it) => format!("`{}`", it.chars().take(40).flat_map(char::escape_debug).collect::<String>()),
        Value::Texts(_) => "a list".to_owned(),
        Value::Flag(it) => it.to_string(),
        Value::Other(kind) => (*kind).to_owned(),
    }
}

/// The value that a text of the environment or of a flag means under `rule`.
pub(super) fn from_text(rule: Rule, text: &str) -> Value {
    match rule {
        Rule::Whole { .. } => text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Whole),
        Rule::Flag => text.parse().map_or_else(|_| Value::Text(text.to_owned()), Value::Flag),
        Rule::Texts | Rule::Origins | Rule::Districts => {
            Value::Texts(text.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect())
        }
        Rule::Text
        | Rule::TextOrEmpty
        | Rule::StoreOrEmpty
        | Rule::BusOrEmpty
        | Rule::UrlOrEmpty
        | Rule::Listen
        | Rule::ListenOrEmpty
        | Rule::DistrictOrEmpty
        | Rule::Word(_) => Value::Text(text.to_owned()),
    }
}

fn is_origin(text: &str) -> bool {
    is_url(text) && reqwest::Url::parse(text).is_ok_and(|it| it.origin().ascii_serialization() == text)
}

fn is_url(text: &str) -> bool {
    reqwest::Url::parse(text).is_ok_and(|it| matches!(it.scheme(), "http" | "https") && it.has_host())
}
