//! The fields of one table: read by key, each with its fault where it is not what it must be. What nobody asked for
//! is an unknown key.

use serde::de::DeserializeOwned;
use serde::de::value::{Error as WordError, StrDeserializer};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Key;
use super::fault::{Sink, shown};

/// Characters of a name, an address or another text.
const TEXT_MAX_CHARS: usize = 500;

/// Characters of a paragraph or two.
const PROSE_MAX_CHARS: usize = 4_000;

/// Entries of a list of texts or tables: a person has some risks and contacts, not hundreds.
const LIST_MAX: usize = 32;

/// What was found instead of what a key expects.
pub type Found = String;

#[derive(Debug)]
pub struct Fields<'a, 'i, 's> {
    /// Its header, such as `[[premises]]`.
    header: &'static str,
    /// What stands before each key in the name of a field, such as `contact.1.`.
    within: String,
    table: &'a DeTable<'i>,
    at: usize,
    asked: Vec<&'static str>,
    sink: &'s mut Sink,
    faults_before: usize,
}

impl<'a, 'i, 's> Fields<'a, 'i, 's> {
    pub fn new(header: &'static str, table: &'a DeTable<'i>, at: usize, sink: &'s mut Sink) -> Self {
        let faults_before = sink.count();
        Self { header, within: String::new(), table, at, asked: Vec::new(), sink, faults_before }
    }

    /// The `number`-th table of the list `key`, counted from 0.
    pub fn nth_of(self, key: &Key, number: usize) -> Self {
        Self { within: format!("{}.{number}.", key.name), ..self }
    }

    /// What `key` holds, as `read` understands it. Missing: a fault.
    pub fn need<T>(&mut self, key: &Key, read: impl FnOnce(&DeValue<'_>) -> Result<T, Found>) -> Option<T> {
        if self.find(key).is_none() {
            let found = format!("{} without `{}`", self.header, key.name);
            let field = self.field(key.name);
            self.sink.add(self.at, field, found, key.expected, format!("add a line such as {}", key.example));
            return None;
        }
        self.may(key, read)
    }

    /// The same; missing: nothing.
    pub fn may<T>(&mut self, key: &Key, read: impl FnOnce(&DeValue<'_>) -> Result<T, Found>) -> Option<T> {
        let value = self.find(key)?;
        match read(value.get_ref()) {
            Ok(it) => Some(it),
            Err(found) => {
                let mend = format!("write it as in {}", key.example);
                let field = self.field(key.name);
                self.sink.add(value.span().start, field, format!("{found} as `{}`", key.name), key.expected, mend);
                None
            }
        }
    }

    /// The tables of a list such as `[[subject.contact]]`, with where each starts.
    pub fn tables(&mut self, key: &Key) -> Vec<(&'a DeTable<'i>, usize)> {
        let Some(value) = self.find(key) else { return Vec::new() };
        let tables: Option<Vec<_>> = value
            .get_ref()
            .as_array()
            .and_then(|items| items.iter().map(|item| Some((item.get_ref().as_table()?, item.span().start))).collect());
        match tables {
            Some(tables) if tables.len() <= LIST_MAX => tables,
            Some(_) | None => {
                let found = format!("something else as `{}`", key.name);
                let mend = format!("write {} above each", key.example);
                let field = self.field(key.name);
                self.sink.add(value.span().start, field, found, key.expected, mend);
                Vec::new()
            }
        }
    }

    /// The one table under `key`, with where it starts. Missing: nothing.
    pub fn table(&mut self, key: &Key) -> Option<(&'a DeTable<'i>, usize)> {
        let value = self.find(key)?;
        if let Some(table) = value.get_ref().as_table() {
            return Some((table, value.span().start));
        }
        let (field, found) = (self.field(key.name), format!("{} as `{}`", a(value.get_ref()), key.name));
        self.sink.add(value.span().start, field, found, key.expected, format!("write {} above it", key.example));
        None
    }

    /// A fault of several fields together, told on the line of `key`.
    pub fn refuse(&mut self, key: &Key, found: &str) {
        let at = self.find(key).map_or(self.at, |value| value.span().start);
        let field = self.field(key.name);
        self.sink.add(at, field, found.to_owned(), key.expected, format!("write it as in {}", key.example));
    }

    pub fn sink(&mut self) -> &mut Sink {
        self.sink
    }

    /// The line of `key`, or of the table where it is not there.
    pub fn line(&mut self, key: &Key) -> usize {
        let at = self.find(key).map_or(self.at, |value| value.span().start);
        self.sink.line(at)
    }

    /// Tells the keys that nobody asked for. True: the whole table is without fault.
    pub fn finish(self) -> bool {
        for key in self.table.keys() {
            if !self.asked.contains(&key.get_ref().as_ref()) {
                let found = format!("unknown key `{}` in {}", shown(key.get_ref()), self.header);
                let expected = format!("one of {}", self.asked.join(", "));
                let field = self.field(&shown(key.get_ref()));
                self.sink.add(key.span().start, field, found, expected, "correct its name or remove it");
            }
        }
        self.sink.count() == self.faults_before
    }

    fn field(&self, name: &str) -> Option<String> {
        Some(format!("{}{name}", self.within))
    }

    fn find(&mut self, key: &Key) -> Option<&'a Spanned<DeValue<'i>>> {
        if !self.asked.contains(&key.name) {
            self.asked.push(key.name);
        }
        self.table.get(key.name)
    }
}

/// Text on one line.
pub fn text(value: &DeValue<'_>) -> Result<String, Found> {
    let text = string(value)?;
    match text.chars().count() {
        0 => Err("empty text".to_owned()),
        count if count > TEXT_MAX_CHARS => Err(format!("text of {count} characters")),
        _ if text.chars().any(char::is_control) => Err("text with a control character".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

pub fn texts(value: &DeValue<'_>) -> Result<Vec<String>, Found> {
    list(value, text)
}

/// A list of what `read` understands.
pub fn list<T>(value: &DeValue<'_>, read: impl Fn(&DeValue<'_>) -> Result<T, Found>) -> Result<Vec<T>, Found> {
    let items = value.as_array().ok_or_else(|| a(value))?;
    if items.len() > LIST_MAX {
        return Err(format!("a list of {}", items.len()));
    }
    items.iter().map(|item| read(item.get_ref()).map_err(|found| format!("{found} in the list"))).collect()
}

pub fn id(value: &DeValue<'_>) -> Result<String, Found> {
    let text = string(value)?;
    match text.parse::<crate::domain::SubjectId>() {
        Ok(id) => Ok(id.to_string()),
        Err(_) if text.is_empty() => Err("empty text".to_owned()),
        Err(_) => Err(format!("text of {} bytes that is no id", text.len())),
    }
}

/// A word of a closed list, as the domain's own type says it.
pub fn word<T: DeserializeOwned>(value: &DeValue<'_>) -> Result<T, Found> {
    let text = string(value)?;
    T::deserialize(StrDeserializer::<WordError>::new(text)).map_err(|_| format!("`{}`", shown(text)))
}

pub fn boolean(value: &DeValue<'_>) -> Result<bool, Found> {
    value.as_bool().ok_or_else(|| a(value))
}

/// A whole number greater than 0.
pub fn positive(value: &DeValue<'_>) -> Result<u64, Found> {
    let number = value.as_integer().ok_or_else(|| a(value))?;
    let parsed = i128::from_str_radix(number.as_str(), number.radix());
    parsed.ok().and_then(|it| u64::try_from(it).ok()).filter(|it| *it > 0).ok_or_else(|| shown(number.as_str()))
}

/// A whole number from `least` to `most`.
pub fn whole(value: &DeValue<'_>, least: u64, most: u64) -> Result<u64, Found> {
    let number = value.as_integer().ok_or_else(|| a(value))?;
    let parsed = i128::from_str_radix(number.as_str(), number.radix());
    let parsed = parsed.ok().and_then(|it| u64::try_from(it).ok());
    parsed.filter(|it| (least..=most).contains(it)).ok_or_else(|| shown(number.as_str()))
}

/// A whole number, below 0 too, no farther from 0 than `most`.
pub fn signed(value: &DeValue<'_>, most: i64) -> Result<i64, Found> {
    let number = value.as_integer().ok_or_else(|| a(value))?;
    let parsed = i64::from_str_radix(number.as_str(), number.radix());
    parsed.ok().filter(|it| (-most..=most).contains(it)).ok_or_else(|| shown(number.as_str()))
}

/// A number from `least` to `most`, whole or not.
pub fn number(value: &DeValue<'_>, least: f64, most: f64) -> Result<f64, Found> {
    let digits = match value {
        DeValue::Float(it) => it.as_str(),
        DeValue::Integer(it) if it.radix() == 10 => it.as_str(),
        _ => return Err(a(value)),
    };
    let number: f64 = digits.parse().map_err(|_| shown(digits))?;
    if (least..=most).contains(&number) { Ok(number) } else { Err(shown(digits)) }
}

/// Text of several lines, as a paragraph or two need.
pub fn prose(value: &DeValue<'_>) -> Result<String, Found> {
    let text = string(value)?.trim();
    match text.chars().count() {
        0 => Err("empty text".to_owned()),
        count if count > PROSE_MAX_CHARS => Err(format!("text of {count} characters")),
        _ => Ok(text.to_owned()),
    }
}

/// Degrees within ± `limit`; a whole number will do.
pub fn degrees(value: &DeValue<'_>, limit: f64) -> Result<f64, Found> {
    number(value, -limit, limit)
}

/// E.164.
pub fn phone(value: &DeValue<'_>) -> Result<String, Found> {
    let text = string(value)?;
    let Some(digits) = text.strip_prefix('+') else {
        return Err("a number without a leading +".to_owned());
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.starts_with('0') {
        return Err("a number with something else than digits after the +, or a leading 0".to_owned());
    }
    if !(7..=15).contains(&digits.len()) {
        return Err(format!("a number of {} digits", digits.len()));
    }
    Ok(text.to_owned())
}

/// Digits alone, `least` to `most` of them.
pub fn digits(value: &DeValue<'_>, least: usize, most: usize) -> Result<String, Found> {
    let text = string(value)?;
    let fits = (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { Ok(text.to_owned()) } else { Err(format!("`{}`", shown(text))) }
}

pub fn date(value: &DeValue<'_>) -> Result<String, Found> {
    let text = string(value)?;
    let format = ::time::macros::format_description!("[year]-[month]-[day]");
    let fits = text.len() == "1941-03-02".len() && ::time::Date::parse(text, format).is_ok();
    if fits { Ok(text.to_owned()) } else { Err("text that is no date".to_owned()) }
}

pub fn protocol(value: &DeValue<'_>) -> Result<String, Found> {
    let text = string(value)?;
    let named = format!("{text}:x").parse::<crate::domain::premises::DeviceName>();
    if named.is_ok_and(|it| it.protocol == text) { Ok(text.to_owned()) } else { Err(format!("`{}`", shown(text))) }
}

pub fn string<'v>(value: &'v DeValue<'_>) -> Result<&'v str, Found> {
    value.as_str().ok_or_else(|| a(value))
}

/// What it is, with its article.
pub fn a(value: &DeValue<'_>) -> Found {
    let article = if matches!(value, DeValue::Integer(_) | DeValue::Array(_)) { "an" } else { "a" };
    format!("{article} {}", value.type_str())
}
