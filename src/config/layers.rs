//! The layers of the configuration: the defaults, then a file, the environment and the flags. The later wins, and
//! everything that is wrong in any of them is found in one reading.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, Place};
use super::keys::{OVERRIDES, Rule, Value, expected, found_wrong, from_text, rule};
use crate::domain::Tier;
use crate::domain::plan::{Rung, RungAction};

/// What environment variables begin with.
const PREFIX: &str = "TIDEWATCH_";

/// A variable of ours that is no setting: which file to read.
pub(super) const FILE_VARIABLE: &str = "TIDEWATCH_CONFIG";

/// Settings by path, with where each was given last.
#[derive(Debug, Default)]
pub(super) struct Layers {
    settings: BTreeMap<String, (Value, Place)>,
    pub ladder: Vec<Rung>,
    pub faults: Vec<Fault>,
}

impl Layers {
    /// Lays a file over what is there.
    pub fn file(&mut self, file: &str, text: &str) {
        let mut reading = Reading { file, text, layers: self };
        let (root, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            reading.table("", root.get_ref());
        }
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            reading.fault(at, format!("no TOML ({})", error.message()), "TOML", "correct the line");
        }
    }

    /// Lays the environment over what is there. Variables that do not begin with ours are other programs'.
    pub fn environment(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
        let by_name: BTreeMap<String, String> =
            self.settings.keys().map(String::as_str).chain(OVERRIDES).map(|it| (variable(it), it.to_owned())).collect();
        for (name, text) in variables {
            if !name.starts_with(PREFIX) || name == FILE_VARIABLE {
                continue;
            }
            let place = Place::Variable(name.clone());
            match by_name.get(&name) {
                Some(path) => self.lay_text(path, &text, place),
                None => self.faults.push(Fault {
                    place,
                    found: "a variable that is no setting".to_owned(),
                    expected: "TIDEWATCH_ and the path of a setting".to_owned(),
                    mend: "correct its name or unset it; `tidewatch config show` names all".to_owned(),
                }),
            }
        }
    }

    /// Lays one flag over what is there.
    pub fn flag(&mut self, path: &str, flag: &'static str, text: &str) {
        self.lay_text(path, text, Place::Flag(flag));
    }

    pub fn get(&self, path: &str) -> Option<&Value> {
        self.settings.get(path).map(|(value, _)| value)
    }

    pub fn place(&self, path: &str) -> Option<&Place> {
        self.settings.get(path).map(|(_, place)| place)
    }

    /// Paths with their values, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.settings.iter().map(|(path, (value, _))| (path.as_str(), value))
    }

    fn lay_text(&mut self, path: &str, text: &str, place: Place) {
        let rule = rule(path).expect("only paths of settings are laid from texts");
        self.put(path, rule, from_text(rule, text), place);
    }

    fn put(&mut self, path: &str, rule: Rule, value: Value, place: Place) {
        match found_wrong(rule, &value) {
            None => drop(self.settings.insert(path.to_owned(), (value, place))),
            Some(found) => {
                let found = format!("{path} = {found}");
                self.faults.push(Fault {
                    place,
                    found,
                    expected: expected(rule),
                    mend: "correct the value".to_owned(),
                });
            }
        }
    }
}

/// The environment variable of a path.
pub(super) fn variable(path: &str) -> String {
    let upper = path.chars().map(|it| if it.is_ascii_alphanumeric() { it.to_ascii_uppercase() } else { '_' });
    PREFIX.chars().chain(upper).collect()
}

/// One file while it is read.
struct Reading<'a> {
    file: &'a str,
    text: &'a str,
    layers: &'a mut Layers,
}

impl Reading<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let path =
                if prefix.is_empty() { key.get_ref().to_string() } else { format!("{prefix}.{}", key.get_ref()) };
            let at = key.span().start;
            match (value.get_ref(), rule(&path)) {
                _ if path == "ladder" => self.ladder(value),
                (_, Some(rule)) => {
                    let place = self.place(value.span().start);
                    self.layers.put(&path, rule, read(value.get_ref()), place);
                }
                (DeValue::Table(inner), None) => self.table(&path, inner),
                (_, None) => self.unknown(at, &path),
            }
        }
    }

    fn unknown(&mut self, at: usize, path: &str) {
        let shown: String = path.chars().take(60).flat_map(char::escape_debug).collect();
        let mend = "correct its name or remove it; `tidewatch config show` names all";
        self.fault(at, format!("unknown setting `{shown}`"), "a setting of config.default.toml", mend);
    }

    fn ladder(&mut self, value: &Spanned<DeValue<'_>>) {
        let DeValue::Array(items) = value.get_ref() else {
            self.fault(
                value.span().start,
                "`ladder` as a single value".to_owned(),
                "[[ladder]] tables",
                "write [[ladder]] above each rung",
            );
            return;
        };
        let mut ladder = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::Table(fields) => ladder.extend(self.rung(fields, item.span().start)),
                _ => self.fault(
                    item.span().start,
                    "a rung that is no table".to_owned(),
                    "[[ladder]] tables",
                    "write [[ladder]] above each rung",
                ),
            }
        }
        self.layers.ladder = ladder;
    }

    fn rung(&mut self, fields: &DeTable<'_>, at: usize) -> Option<Rung> {
        let (mut name, mut action, mut patience_s) = (None, None, None);
        for (key, value) in fields {
            let here = value.span().start;
            match (&**key.get_ref(), read(value.get_ref())) {
                ("name", Value::Text(it)) if !it.is_empty() => name = Some(it),
                ("patience_s", Value::Whole(it)) if (1..=86_400).contains(&it) => patience_s = Some(it),
                ("ask" | "aid", _) if action.is_some() => {
                    let mend = "give one of the two";
                    self.fault(here, "a rung with ask and with aid".to_owned(), "one of them at most", mend);
                }
                ("ask", Value::Texts(it)) => action = Some(RungAction::Ask(self.tiers(&it, here))),
                ("aid", Value::Flag(true)) => action = Some(RungAction::Aid),
                ("name" | "patience_s" | "ask" | "aid", _) => {
                    let (key, expected) =
                        (key.get_ref(), "name = text, patience_s = 1 to 86400, ask = a list of tiers, or aid = true");
                    self.fault(here, format!("ladder.{key} with another kind of value"), expected, "correct the value");
                }
                (other, _) => self.unknown(key.span().start, &format!("ladder.{other}")),
            }
        }
        let (Some(name), Some(patience_s)) = (name, patience_s) else {
            self.fault(at, "a rung without name or patience_s".to_owned(), "both", "add what is missing");
            return None;
        };
        Some(Rung { name, action: action.unwrap_or(RungAction::Task), patience_s })
    }

    fn tiers(&mut self, words: &[String], at: usize) -> Vec<Tier> {
        let mut tiers = Vec::new();
        for word in words {
            match word.as_str() {
                "keyholder" => tiers.push(Tier::Keyholder),
                "volunteer" => tiers.push(Tier::Volunteer),
                "staff" => tiers.push(Tier::Staff),
                _ => self.fault(
                    at,
                    "a tier that is none".to_owned(),
                    "keyholder, volunteer or staff",
                    "correct the word",
                ),
            }
        }
        tiers
    }

    fn place(&self, at: usize) -> Place {
        let line = 1 + self.text.as_bytes()[..at.min(self.text.len())].iter().filter(|byte| **byte == b'\n').count();
        Place::Line { file: self.file.to_owned(), line }
    }

    fn fault(&mut self, at: usize, found: String, expected: &str, mend: &str) {
        let place = self.place(at);
        self.layers.faults.push(Fault { place, found, expected: expected.to_owned(), mend: mend.to_owned() });
    }
}

fn read(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(it) => Value::Text(it.to_string()),
        DeValue::Integer(it) => u64::from_str_radix(it.as_str(), it.radix())
            .map_or(Value::Other("a number below 0 or too large"), Value::Whole),
        DeValue::Boolean(it) => Value::Flag(*it),
        DeValue::Array(items) => {
            let texts: Option<Vec<String>> = items.iter().map(|it| it.get_ref().as_str().map(str::to_owned)).collect();
            texts.map_or(Value::Other("a list of other things"), Value::Texts)
        }
        DeValue::Float(_) => Value::Other("a number with a fraction"),
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Table(_) => Value::Other("a table"),
    }
}

/// Typed reading of what the rules have checked; the defaults hold every path.
impl Layers {
    pub fn whole(&self, path: &str) -> u64 {
        match self.get(path) {
            Some(Value::Whole(it)) => *it,
            other => panic!("{path} is {other:?}, but its rule and default are a whole number"),
        }
    }

    pub fn flagged(&self, path: &str) -> bool {
        match self.get(path) {
            Some(Value::Flag(it)) => *it,
            other => panic!("{path} is {other:?}, but its rule and default are a flag"),
        }
    }

    pub fn count(&self, path: &str) -> usize {
        usize::try_from(self.whole(path)).unwrap_or(usize::MAX)
    }

    pub fn text(&self, path: &str) -> &str {
        match self.get(path) {
            Some(Value::Text(it)) => it,
            other => panic!("{path} is {other:?}, but its rule and default are text"),
        }
    }

    pub fn texts(&self, path: &str) -> Vec<String> {
        match self.get(path) {
            Some(Value::Texts(it)) => it.clone(),
            other => panic!("{path} is {other:?}, but its rule and default are texts"),
        }
    }

    pub fn listen(&self, path: &str) -> Option<SocketAddr> {
        self.text(path).parse().ok()
    }
}
