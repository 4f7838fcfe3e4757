//! On which channels besides the link a responder can be reached. A channel counts when its responder has confirmed that
//! a test arrived; browsers and their keys lie here, telephone numbers with the responder.

use rusqlite::params;

use super::Registry;
use super::error::RegistryError;
use super::secret::SecretHash;
use super::sql::Row;
use crate::domain::{Channel, ResponderId, Timestamp, TryOutcome};

/// Browsers of one responder that are kept: a phone, the next phone, and one at the care centre.
const BROWSERS_MAX: i64 = 4;

/// How long a test may be on its way before its answer is believed.
const TEST_HOLDS_S: u64 = 600;

/// Wrong answers to one test: a code of six digits must not be found by trying.
const TEST_TRIES_MAX: i64 = 5;

/// Where a channel ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The responder's own number.
    Phone,
    /// A browser, as it described itself when it subscribed (JSON).
    Browser(String),
}

impl Target {
    fn text(&self) -> &str {
        match self {
            Self::Phone => "",
            Self::Browser(text) => text,
        }
    }

    fn of(text: String) -> Self {
        if text.is_empty() { Self::Phone } else { Self::Browser(text) }
    }
}

/// One channel of one responder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelRow {
    pub responder: ResponderId,
    pub channel: Channel,
    pub target: Target,
    pub confirmed_at: Option<Timestamp>,
    pub last_ok_at: Option<Timestamp>,
    pub last_fault: Option<TryOutcome>,
}

impl Registry {
    /// All channels, by responder.
    pub fn channels(&self) -> Result<Vec<ChannelRow>, RegistryError> {
        let sql = "SELECT responder, channel, target, confirmed_at, last_ok_at, last_fault FROM channel
                   ORDER BY responder, channel, target";
        self.sql.rows(sql, &[])?.iter().map(read).collect()
    }

    /// Begins the test of a channel, which is set up if it is new. The answer to it is kept as a digest.
    pub fn begin_channel_test(
        &mut self,
        responder: &ResponderId,
        channel: Channel,
        target: &Target,
        answer: &str,
        at: Timestamp,
    ) -> Result<(), RegistryError> {
        let tx = self.sql.write()?;
        let sql = "INSERT INTO channel (responder, channel, target, test_hash, tested_at) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (responder, channel, target) DO UPDATE SET
                       test_hash = excluded.test_hash, tested_at = excluded.tested_at, test_tries = 0";
        let hash = SecretHash::of(answer);
        tx.execute(sql, params![responder.as_str(), channel.as_str(), target.text(), hash.0, at.ms()])?;
        let sql = "DELETE FROM channel WHERE responder = ?1 AND channel = ?2 AND target NOT IN (
                       SELECT target FROM channel WHERE responder = ?1 AND channel = ?2
                       ORDER BY tested_at DESC, target LIMIT ?3)";
        tx.execute(sql, params![responder.as_str(), channel.as_str(), BROWSERS_MAX])?;
        tx.commit()
    }

    /// The responder says what arrived. Which channel that confirms; `None` where nothing of the kind is on its way.
    pub fn confirm_channel(
        &mut self,
        responder: &ResponderId,
        answer: &str,
        at: Timestamp,
    ) -> Result<Option<Channel>, RegistryError> {
        let since = at.before_s(TEST_HOLDS_S);
        let tx = self.sql.write()?;
        let sql = "UPDATE channel SET confirmed_at = ?3, test_hash = NULL, last_ok_at = ?3, last_fault = NULL
                   WHERE responder = ?1 AND test_hash = ?2 AND tested_at >= ?4 AND test_tries < ?5 RETURNING channel";
        let hash = SecretHash::of(answer);
        let arguments = params![responder.as_str(), hash.0, at.ms(), since.ms(), TEST_TRIES_MAX];
        let confirmed: Option<String> = tx.row(sql, arguments)?.map(|row| row.get(0)).transpose()?;
        if confirmed.is_none() {
            let sql = "UPDATE channel SET test_tries = test_tries + 1 WHERE responder = ?1 AND test_hash IS NOT NULL";
            tx.execute(sql, params![responder.as_str()])?;
        }
        tx.commit()?;
        confirmed.map(|it| channel(&it)).transpose()
    }

    /// What a try came to. A browser that is gone is forgotten.
    pub fn note_channel(
        &mut self,
        responder: &ResponderId,
        channel: Channel,
        target: &Target,
        outcome: TryOutcome,
        at: Timestamp,
    ) -> Result<(), RegistryError> {
        let row = params![responder.as_str(), channel.as_str(), target.text()];
        let of = "WHERE responder = ?1 AND channel = ?2 AND target = ?3";
        match outcome {
            TryOutcome::Gone => self.sql.execute(&format!("DELETE FROM channel {of}"), row)?,
            TryOutcome::Sent => {
                let sql = format!("UPDATE channel SET last_ok_at = ?4, last_fault = NULL {of}");
                let row = params![responder.as_str(), channel.as_str(), target.text(), at.ms()];
                self.sql.execute(&sql, row)?
            }
            TryOutcome::NoAnswer | TryOutcome::Refused | TryOutcome::Failed => {
                let sql = format!("UPDATE channel SET last_fault = ?4 {of}");
                let row = params![responder.as_str(), channel.as_str(), target.text(), outcome.as_str()];
                self.sql.execute(&sql, row)?
            }
        };
        Ok(())
    }
}

fn read(row: &Row) -> Result<ChannelRow, RegistryError> {
    let (responder, found): (String, String) = (row.get(0)?, row.get(1)?);
    let fault: Option<String> = row.get(5)?;
    let moment = |at: Option<i64>| at.map(Timestamp::from_ms);
    Ok(ChannelRow {
        responder: responder.parse().map_err(|_| damaged("its responder has no id"))?,
        channel: channel(&found)?,
        target: Target::of(row.get(2)?),
        confirmed_at: moment(row.get(3)?),
        last_ok_at: moment(row.get(4)?),
        last_fault: fault.map(|it| TryOutcome::of(&it).ok_or_else(|| damaged("its fault is unknown"))).transpose()?,
    })
}

fn channel(text: &str) -> Result<Channel, RegistryError> {
    Channel::ALL.into_iter().find(|it| it.as_str() == text).ok_or_else(|| damaged("there is no such channel"))
}

fn damaged(why: &str) -> RegistryError {
    RegistryError::Damaged { table: "channel", id: "…".to_owned(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn open() -> (TempDir, Registry, ResponderId) {
        let dir = TempDir::new().unwrap();
        let registry = Registry::open(dir.path()).unwrap();
        (dir, registry, "R-1".parse().unwrap())
    }

    fn at(s: u64) -> Timestamp {
        Timestamp::EPOCH.after_s(s)
    }

    #[test]
    fn a_channel_counts_once_its_test_was_answered_in_time() {
        let (_dir, mut registry, who) = open();
        let phone = Target::Phone;
        registry.begin_channel_test(&who, Channel::Sms, &phone, "123456", at(1000)).unwrap();
        assert_eq!(registry.channels().unwrap()[0].confirmed_at, None);
        assert_eq!(registry.confirm_channel(&who, "654321", at(1001)).unwrap(), None);
        assert_eq!(registry.confirm_channel(&who, "123456", at(1000 + TEST_HOLDS_S + 1)).unwrap(), None);
        let other: ResponderId = "R-2".parse().unwrap();
        assert_eq!(registry.confirm_channel(&other, "123456", at(1002)).unwrap(), None);
        assert_eq!(registry.confirm_channel(&who, "123456", at(1002)).unwrap(), Some(Channel::Sms));
        assert_eq!(registry.channels().unwrap()[0].confirmed_at, Some(at(1002)));
        assert_eq!(registry.confirm_channel(&who, "123456", at(1003)).unwrap(), None, "an answer counts once");
    }

    #[test]
    fn a_code_cannot_be_found_by_trying() {
        let (_dir, mut registry, who) = open();
        registry.begin_channel_test(&who, Channel::Sms, &Target::Phone, "123456", at(0)).unwrap();
        for wrong in 0..TEST_TRIES_MAX {
            assert_eq!(registry.confirm_channel(&who, &wrong.to_string(), at(1)).unwrap(), None);
        }
        assert_eq!(registry.confirm_channel(&who, "123456", at(1)).unwrap(), None);
    }

    #[test]
    fn the_oldest_browser_makes_room_and_one_that_is_gone_is_forgotten() {
        let (_dir, mut registry, who) = open();
        let browser = |n: u64| Target::Browser(format!("{{\"endpoint\":\"https://push.example.org/{n}\"}}"));
        for n in 0..5 {
            registry.begin_channel_test(&who, Channel::Push, &browser(n), &n.to_string(), at(n)).unwrap();
        }
        let kept = |registry: &Registry| -> Vec<Target> {
            registry.channels().unwrap().into_iter().map(|it| it.target).collect()
        };
        assert_eq!(kept(&registry), [1, 2, 3, 4].map(browser));
        registry.note_channel(&who, Channel::Push, &browser(3), TryOutcome::Gone, at(9)).unwrap();
        assert_eq!(kept(&registry), [1, 2, 4].map(browser));
        registry.note_channel(&who, Channel::Push, &browser(1), TryOutcome::Refused, at(9)).unwrap();
        assert_eq!(registry.channels().unwrap()[0].last_fault, Some(TryOutcome::Refused));
        registry.note_channel(&who, Channel::Push, &browser(1), TryOutcome::Sent, at(10)).unwrap();
        let row = registry.channels().unwrap().remove(0);
        assert_eq!((row.last_fault, row.last_ok_at), (None, Some(at(10))));
    }
}
