//! Sessions: a sign-in that ends. The token is kept as a digest; the value against forged requests is derived from it
//! with the registry's key, so that nothing of a session can be used by who reads the file.

use rand::CryptoRng;
use rusqlite::params;

use super::error::RegistryError;
use super::secret::{Secret, SecretHash};
use super::sql::Sql;
use super::{FingerprintKey, Registry};
use crate::domain::{AccountName, Timestamp};

/// What the token of a session begins with.
const SESSION_MARK: &str = "ts_";

/// Sessions of one account at once, a browser each; the oldest ends when another begins.
const SESSIONS_PER_ACCOUNT_MAX: i64 = 32;

/// An open session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub account: AccountName,
    pub expires_at: Timestamp,
    /// What the header `X-CSRF-Token` must say.
    pub csrf: String,
}

impl Registry {
    /// Begins a session of `account`. `None` where that account has been revoked meanwhile.
    pub fn open_session(
        &mut self,
        account: &AccountName,
        now: Timestamp,
        expires_at: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Option<(Secret, Session)>, RegistryError> {
        let token = Secret::draw(SESSION_MARK, rng);
        let hash = token.hash();
        let tx = self.sql.write()?;
        let sql = "INSERT INTO session (token_hash, account, created_at, expires_at)
                   SELECT ?1, id, ?3, ?4 FROM account WHERE id = ?2 AND to_version IS NULL";
        if tx.execute(sql, params![hash.0, account.as_str(), now.ms(), expires_at.ms()])? == 0 {
            return Ok(None);
        }
        end_oldest(&tx, account)?;
        tx.commit()?;
        let session = Session { account: account.clone(), expires_at, csrf: csrf(&self.key, hash) };
        Ok(Some((token, session)))
    }

    /// The session of a token, unless it has ended. It ends at the instant `expires_at`.
    pub fn find_session(&self, token: &str, now: Timestamp) -> Result<Option<Session>, RegistryError> {
        let hash = SecretHash::of(token);
        let sql = "SELECT account, expires_at FROM session WHERE token_hash = ?1 AND expires_at > ?2";
        let Some(found) = self.sql.row(sql, params![hash.0, now.ms()])? else { return Ok(None) };
        let (account, expires_ms): (String, i64) = (found.get(0)?, found.get(1)?);
        let account = account.parse().map_err(|_| RegistryError::Damaged {
            table: "session",
            id: account,
            why: "its account has no name".to_owned(),
        })?;
        Ok(Some(Session { account, expires_at: Timestamp::from_ms(expires_ms), csrf: csrf(&self.key, hash) }))
    }

    /// Ends a session. Tells whether there was one.
    pub fn end_session(&mut self, token: &str) -> Result<bool, RegistryError> {
        let hash = SecretHash::of(token);
        Ok(self.sql.execute("DELETE FROM session WHERE token_hash = ?1", params![hash.0])? > 0)
    }

    /// Deletes the sessions that have ended by `now`; tells how many.
    pub fn purge_sessions(&mut self, now: Timestamp) -> Result<usize, RegistryError> {
        self.sql.execute("DELETE FROM session WHERE expires_at <= ?1", params![now.ms()])
    }
}

pub(super) fn end_all(tx: &Sql, account: &AccountName) -> Result<(), RegistryError> {
    tx.execute("DELETE FROM session WHERE account = ?1", params![account.as_str()]).map(drop)
}

fn end_oldest(tx: &Sql, account: &AccountName) -> Result<(), RegistryError> {
    let sql = "DELETE FROM session WHERE account = ?1 AND token_hash NOT IN (
                   SELECT token_hash FROM session WHERE account = ?1 ORDER BY created_at DESC LIMIT ?2)";
    tx.execute(sql, params![account.as_str(), SESSIONS_PER_ACCOUNT_MAX]).map(drop)
}

fn csrf(key: &FingerprintKey, token: SecretHash) -> String {
    SecretHash(key.digest(&[b"csrf", &token.0])).to_hex()
}
