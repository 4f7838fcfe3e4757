//! Search over the registry: persons and responders by an id, part of a name, pinyin, the last digits of a telephone
//! number, or part of an address. An index is of one version of the facts, and made anew for the next.
//! Does not know who may see what: the caller's filter says so.

mod column;
mod sound;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use self::column::Column;
use crate::dispatch::Facts;
use crate::domain::subject::Subject;
use crate::domain::{Responder, ResponderId, SubjectId};

/// Fewer digits than these are the end of everybody's number.
const PHONE_LEAST_DIGITS: usize = 4;

/// By what somebody was found: the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Matched {
    Id,
    Name,
    Pinyin,
    Phone,
    Address,
}

/// The index of the facts as they are, made when somebody first asks after a change.
#[derive(Debug, Default)]
pub struct Search {
    newest: Mutex<Arc<SearchIndex>>,
}

impl Search {
    /// The index of these facts. Takes some tenths of a second for 100,000 homes when they have changed.
    pub fn of(&self, facts: &Facts) -> Arc<SearchIndex> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.version != facts.version {
            *newest = Arc::new(SearchIndex::of(facts));
        }
        newest.clone()
    }
}

#[derive(Debug, Default)]
pub struct SearchIndex {
    version: u64,
    subjects: Named<SubjectId>,
    responders: Named<ResponderId>,
}

impl SearchIndex {
    pub fn of(facts: &Facts) -> Self {
        let mut index = Self { version: facts.version, ..Self::default() };
        for it in facts.subjects() {
            let address = facts.premises(&it.premises).map_or("", |it| it.address.as_str());
            index.subjects.add(it.id.clone(), &of_subject(it, address));
        }
        for it in facts.responders() {
            index.responders.add(it.id.clone(), &of_responder(it));
        }
        index
    }

    /// At most `limit` persons that `may` lets through, the surest match first, then by id.
    pub fn subjects(&self, text: &str, limit: usize, may: impl Fn(&SubjectId) -> bool) -> Vec<(SubjectId, Matched)> {
        self.subjects.find(&Sought::of(text), limit, may)
    }

    pub fn responders(
        &self,
        text: &str,
        limit: usize,
        may: impl Fn(&ResponderId) -> bool,
    ) -> Vec<(ResponderId, Matched)> {
        self.responders.find(&Sought::of(text), limit, may)
    }
}

/// What somebody is found by.
struct Marks<'a> {
    id: &'a str,
    name: &'a str,
    phones: Vec<&'a str>,
    address: &'a str,
}

fn of_subject<'a>(it: &'a Subject, address: &'a str) -> Marks<'a> {
    let contacts = it.contacts.iter().map(|it| it.phone.as_str());
    let phones = it.phones.iter().map(String::as_str).chain(contacts).collect();
    Marks { id: it.id.as_str(), name: &it.name, phones, address }
}

fn of_responder(it: &Responder) -> Marks<'_> {
    Marks { id: it.id.as_str(), name: &it.name, phones: vec![&it.phone], address: "" }
}

/// What is sought, in each of its readings.
struct Sought {
    text: String,
    /// Letters alone.
    letters: Option<String>,
    /// Digits alone, as many as say something.
    digits: Option<String>,
}

impl Sought {
    fn of(text: &str) -> Self {
        let text = text.trim().to_lowercase();
        let bare: String = text.chars().filter(|it| !matches!(it, ' ' | '-' | '\'' | '+')).collect();
        let all = |is: fn(&u8) -> bool| !bare.is_empty() && bare.bytes().all(|it| is(&it));
        let letters = all(u8::is_ascii_alphabetic).then(|| bare.clone());
        let digits = (all(u8::is_ascii_digit) && bare.len() >= PHONE_LEAST_DIGITS).then(|| bare.clone());
        Self { text, letters, digits }
    }
}

/// Persons of one sort, and a column for each thing they are found by.
#[derive(Debug)]
struct Named<K> {
    keys: Vec<K>,
    ids: Column,
    names: Column,
    sounds: Column,
    phones: Column,
    addresses: Column,
}

impl<K> Default for Named<K> {
    fn default() -> Self {
        let empty = Column::default;
        let (ids, names, sounds, phones, addresses) = (empty(), empty(), empty(), empty(), empty());
        Self { keys: Vec::new(), ids, names, sounds, phones, addresses }
    }
}

impl<K: Clone + Ord> Named<K> {
    fn add(&mut self, key: K, marks: &Marks<'_>) {
        let number = self.keys.len();
        self.keys.push(key);
        self.ids.add(number, &marks.id.to_lowercase());
        self.names.add(number, &marks.name.to_lowercase());
        sound::readings(marks.name).iter().for_each(|it| self.sounds.add(number, it));
        marks.phones.iter().for_each(|it| self.phones.add(number, it));
        self.addresses.add(number, &marks.address.to_lowercase());
    }

    fn find(&self, sought: &Sought, limit: usize, may: impl Fn(&K) -> bool) -> Vec<(K, Matched)> {
        let (text, letters, digits) = (&sought.text, sought.letters.as_ref(), sought.digits.as_ref());
        if text.is_empty() {
            return Vec::new();
        }
        let tries = [
            (Matched::Id, Some(self.ids.starting_with(text))),
            (Matched::Name, Some(self.names.holding(text))),
            (Matched::Pinyin, letters.map(|it| self.sounds.starting_with(it))),
            (Matched::Phone, digits.map(|it| self.phones.ending_with(it))),
            (Matched::Address, Some(self.addresses.holding(text))),
        ];
        let mut found: BTreeMap<usize, Matched> = BTreeMap::new();
        for (matched, numbers) in tries {
            for number in numbers.into_iter().flatten() {
                if found.len() >= limit {
                    break;
                }
                if !found.contains_key(&number) && may(&self.keys[number]) {
                    found.insert(number, matched);
                }
            }
        }
        let mut found: Vec<(K, Matched)> = found.into_iter().map(|(it, by)| (self.keys[it].clone(), by)).collect();
        found.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        found
    }
}
