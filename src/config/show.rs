//! The effective configuration as TOML, so that it can be kept and given back as a file.

use std::fmt::Write;

use super::keys::Value;
use super::layers::Layers;
use crate::bus::BusUrl;
use crate::domain::Tier;
use crate::domain::plan::{Rung, RungAction};
use crate::journal::StoreUrl;

/// Words in a name behind which a value is never shown. An address of a store is shown without its password.
const SECRET_WORDS: [&str; 3] = ["secret", "token", "password"];

pub(super) fn show(layers: &Layers) -> String {
    let mut text = String::new();
    let mut table = "";
    let mut settings: Vec<(&str, &str, &Value)> = layers.iter().map(|(path, value)| split(path, value)).collect();
    settings.sort_by_key(|(table, key, _)| (*table, *key));
    for (of, key, value) in settings {
        if of != table {
            table = of;
            writeln!(text, "\n[{table}]").expect("text takes all");
        }
        writeln!(text, "{key} = {}", said(table, key, value)).expect("text takes all");
    }
    layers.ladder.iter().for_each(|rung| show_rung(&mut text, rung));
    text
}

fn split<'a>(path: &'a str, value: &'a Value) -> (&'a str, &'a str, &'a Value) {
    let (table, key) = path.rsplit_once('.').unwrap_or(("", path));
    (table, key, value)
}

fn said(table: &str, key: &str, value: &Value) -> String {
    let is_set = !matches!(value, Value::Text(it) if it.is_empty());
    if is_set && SECRET_WORDS.iter().any(|word| key.contains(word)) {
        return "\"…\"".to_owned();
    }
    match value {
        Value::Text(it) if table == "store" && key == "url" => {
            quoted(&it.parse::<StoreUrl>().map_or_else(|_| String::new(), |url| url.to_string()))
        }
        Value::Text(it) if table == "bus" && key == "url" => {
            quoted(&it.parse::<BusUrl>().map_or_else(|_| String::new(), |url| url.to_string()))
        }
        Value::Whole(it) => it.to_string(),
        Value::Flag(it) => it.to_string(),
        Value::Text(it) => quoted(it),
        Value::Texts(it) => list(it.iter().map(String::as_str)),
        Value::Other(_) => unreachable!("no rule takes another kind of value"),
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", texts.map(quoted).collect::<Vec<_>>().join(", "))
}

fn show_rung(text: &mut String, rung: &Rung) {
    writeln!(text, "\n[[ladder]]\nname = {}", quoted(&rung.name)).expect("text takes all");
    match &rung.action {
        RungAction::Ask(tiers) => {
            writeln!(text, "ask = {}", list(tiers.iter().map(|it| word(*it)))).expect("text takes all");
        }
        RungAction::Aid => writeln!(text, "aid = true").expect("text takes all"),
        RungAction::Task => {}
    }
    writeln!(text, "patience_s = {}", rung.patience_s).expect("text takes all");
}

fn word(tier: Tier) -> &'static str {
    match tier {
        Tier::Keyholder => "keyholder",
        Tier::Volunteer => "volunteer",
        Tier::Staff => "staff",
    }
}
