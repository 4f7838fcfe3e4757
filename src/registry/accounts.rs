//! Accounts: who may ask. A secret is drawn here, told once, and kept as a digest alone.
//! Refuses an account that could never be used: a role without its thing, a thing without its role.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rand::CryptoRng;
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::error::RegistryError;
use super::secret::{Secret, SecretHash};
use super::sql::Sql;
use super::table::damaged;
use super::versioned::{close, current, insert, next_version, note};
use super::{By, Registry, sessions};
use crate::domain::premises::DeviceName;
use crate::domain::{AccountName, DistrictCode, ResponderId, Role};

/// What the secret of an account begins with.
const ACCOUNT_MARK: &str = "tw_";

const TABLE: &str = "account";

/// An account: what it is for, and how far it reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub name: AccountName,
    pub role: Role,
    /// Empty: it reaches all.
    #[serde(default)]
    pub districts: BTreeSet<DistrictCode>,
    /// Whose link it is, for the role responder.
    #[serde(default)]
    pub responder: Option<ResponderId>,
    /// Whose signals it brings, for the role device.
    #[serde(default)]
    pub device: Option<DeviceName>,
}

impl Account {
    pub fn reaches(&self, district: DistrictCode) -> bool {
        self.districts.is_empty() || self.districts.contains(&district)
    }
}

/// Why an account was not made or not revoked.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("found an account `{name}` already, expected a new name; choose another, or revoke it first")]
    NameTaken { name: AccountName },
    #[error("there is no account `{name}`, expected the name of one; `tidewatch account list` shows them")]
    Unknown { name: AccountName },
    #[error("role {role} without {option}, expected {option} {value}; add it")]
    Lacking { role: Role, option: &'static str, value: &'static str },
    #[error("role {role} with {option}, expected {option} with role {wanted} only; leave it out")]
    Needless { role: Role, option: &'static str, wanted: Role },
    #[error("no responder `{id}` in the registry, expected one that exists; import it first or correct --responder")]
    NoResponder { id: ResponderId },
    #[error("no district `{code}` in the registry, expected one that exists; import it first or correct --district")]
    NoDistrict { code: DistrictCode },
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// An account as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    account: Account,
    secret_sha256: String,
}

impl Registry {
    /// Makes an account. The secret is told here and never again.
    pub fn add_account(
        &mut self,
        account: &Account,
        rng: &mut dyn CryptoRng,
        by: By<'_>,
    ) -> Result<Secret, AccountError> {
        check_options(account)?;
        let tx = self.sql.write()?;
        check_rows(&tx, account)?;
        let secret = Secret::draw(ACCOUNT_MARK, rng);
        let kept = Kept { account: account.clone(), secret_sha256: secret.hash().to_hex() };
        let body = serde_json::to_string(&kept).expect("an account is strings, which JSON can always say");
        let version = next_version(&tx)?;
        insert(&tx, TABLE, account.name.as_str(), version, &body)?;
        note(&tx, by, "added", TABLE, account.name.as_str(), version)?;
        tx.commit()?;
        Ok(secret)
    }

    /// Ends an account and its sessions.
    pub fn revoke_account(&mut self, name: &AccountName, by: By<'_>) -> Result<(), AccountError> {
        let tx = self.sql.write()?;
        let version = next_version(&tx)?;
        if !close(&tx, TABLE, name.as_str(), version)? {
            return Err(AccountError::Unknown { name: name.clone() });
        }
        sessions::end_all(&tx, name)?;
        note(&tx, by, "revoked", TABLE, name.as_str(), version)?;
        Ok(tx.commit()?)
    }

    /// All accounts as they are now, to be asked without the disk. A server takes them anew when `version` rises.
    pub fn accounts(&self) -> Result<Accounts, RegistryError> {
        let tx = self.sql.read()?;
        let mut accounts = Accounts { version: super::load::version(&tx)?, ..Accounts::default() };
        let sql = "SELECT id, body FROM account WHERE to_version IS NULL";
        for row in tx.rows(sql, &[])? {
            let (id, body): (String, String) = (row.get(0)?, row.get(1)?);
            accounts.put(read(&id, &body)?);
        }
        Ok(accounts)
    }
}

/// The accounts of a version of the registry.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    pub version: u64,
    by_name: BTreeMap<AccountName, (Arc<Account>, SecretHash)>,
    by_secret: BTreeMap<SecretHash, Arc<Account>>,
}

impl Accounts {
    /// Whose secret this is.
    pub fn by_secret(&self, secret: &str) -> Option<&Arc<Account>> {
        self.by_secret.get(&SecretHash::of(secret))
    }

    /// The account `name`, if this is its secret.
    pub fn sign_in(&self, name: &AccountName, secret: &str) -> Option<&Arc<Account>> {
        let (account, hash) = self.by_name.get(name)?;
        (SecretHash::of(secret) == *hash).then_some(account)
    }

    pub fn get(&self, name: &AccountName) -> Option<&Arc<Account>> {
        self.by_name.get(name).map(|(account, _)| account)
    }

    /// In the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Account>> {
        self.by_name.values().map(|(account, _)| account)
    }

    fn put(&mut self, (account, hash): (Account, SecretHash)) {
        let account = Arc::new(account);
        self.by_secret.insert(hash, account.clone());
        self.by_name.insert(account.name.clone(), (account, hash));
    }
}

/// The account and its digest, from the JSON in which it is kept.
pub(super) fn read(id: &str, body: &str) -> Result<(Account, SecretHash), RegistryError> {
    let kept: Kept = serde_json::from_str(body).map_err(|error| damaged(TABLE, id, &error))?;
    let hash = SecretHash::from_hex(&kept.secret_sha256).ok_or_else(|| RegistryError::Damaged {
        table: TABLE,
        id: id.to_owned(),
        why: "the digest of its secret is not 64 hexadecimal digits".to_owned(),
    })?;
    Ok((kept.account, hash))
}

/// Deletes, in all versions, the accounts of a device that names itself `device`; tells which were in force.
pub(super) fn forget_device(tx: &Sql, device: &str) -> Result<Vec<AccountName>, RegistryError> {
    let sql = "DELETE FROM account WHERE json_extract(body, '$.device') = ?1 RETURNING body, to_version IS NULL";
    let mut ended = Vec::new();
    for row in tx.rows(sql, params![device])? {
        let (account, _) = read("…", &row.get::<String>(0)?)?;
        if row.get(1)? {
            ended.push(account.name);
        }
    }
    Ok(ended)
}

fn check_options(account: &Account) -> Result<(), AccountError> {
    let role = account.role;
    let options = [
        (Role::Responder, "--responder", "ID", account.responder.is_some()),
        (Role::Device, "--device", "PROTOCOL:IDENTITY", account.device.is_some()),
    ];
    for (wanted, option, value, given) in options {
        if role == wanted && !given {
            return Err(AccountError::Lacking { role, option, value });
        }
        if role != wanted && given {
            return Err(AccountError::Needless { role, option, wanted });
        }
    }
    Ok(())
}

fn check_rows(sql: &Sql, account: &Account) -> Result<(), AccountError> {
    if current(sql, TABLE, account.name.as_str())?.is_some() {
        return Err(AccountError::NameTaken { name: account.name.clone() });
    }
    if let Some(id) = &account.responder
        && current(sql, "responder", id.as_str())?.is_none()
    {
        return Err(AccountError::NoResponder { id: id.clone() });
    }
    for code in &account.districts {
        if current(sql, "district", &code.to_string())?.is_none() {
            return Err(AccountError::NoDistrict { code: *code });
        }
    }
    Ok(())
}
