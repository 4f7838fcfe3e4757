//! What every handler is given: the districts, the registry as it is now, and the stores.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use metrics_exporter_prometheus::PrometheusHandle;

use super::auth::Caller;
use super::coverage::Coverages;
use super::problem::Problem;
use super::renewal::Renewal;
use super::standby::Standbys;
use super::stores::{StoreError, Stores};
use super::throttle::Throttle;
use crate::clock::Clock;
use crate::config::Config;
use crate::dispatch::Facts;
use crate::domain::{DistrictCode, Fingerprint, PrivateRef, SubjectId};
use crate::engine::Handle;
use crate::history::History;
use crate::journal::Standing;
use crate::live::LiveContext;
use crate::notify::{Carriers, Outbox, Reach};
use crate::registry::{Accounts, AuditEntry, By as Auditor, FingerprintKey, PrivateRow, Search, Shared};
use crate::sources::{Handles, Intake};

/// Whence a connection comes; never what a header says.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

pub struct Api {
    pub config: Arc<Config>,
    pub clock: Arc<dyn Clock>,
    pub handles: Shared<Handles>,
    pub facts: Shared<Facts>,
    pub accounts: Shared<Accounts>,
    pub key: FingerprintKey,
    pub stores: Stores,
    pub intake: Arc<Intake>,
    pub live: Arc<LiveContext>,
    pub carriers: Arc<Carriers>,
    pub outbox: Arc<Outbox>,
    pub reach: Arc<Reach>,
    pub throttle: Mutex<Throttle>,
    pub metrics: Option<PrometheusHandle>,
    pub stopping: AtomicBool,
    pub renewal: Renewal,
    pub search: Arc<Search>,
    pub history: Arc<History>,
    pub coverages: Coverages,
    /// Of the server that keeps the record, where one does.
    pub standing: Option<Arc<Standing>>,
    pub standbys: Standbys,
}

impl Api {
    /// The district's engine, if the caller reaches it.
    pub fn reach(&self, caller: &Caller, district: DistrictCode) -> Result<Handle, Problem> {
        caller.reach(district)?;
        self.handles
            .get()
            .get(&district)
            .cloned()
            .ok_or_else(|| Problem::not_found("no_such_district", format!("there is no district {district} here")))
    }

    /// The engines of all districts that the caller reaches, or of the one that is named.
    pub fn reached(&self, caller: &Caller, named: Option<DistrictCode>) -> Result<Vec<Handle>, Problem> {
        match named {
            Some(district) => Ok(vec![self.reach(caller, district)?]),
            None => {
                let handles = self.handles.get();
                Ok(handles.values().filter(|it| caller.account.reaches(it.district())).cloned().collect())
            }
        }
    }

    /// The district of what names none: the account's only one, else the configured one, else the only one there is.
    pub fn home_district(&self, caller: &Caller) -> Option<DistrictCode> {
        let of_account = &caller.account.districts;
        let handles = self.handles.get();
        let only = || handles.keys().next().copied().filter(|_| handles.len() == 1);
        of_account.first().copied().filter(|_| of_account.len() == 1).or(self.config.default_district).or_else(only)
    }

    /// The same request again is known by this.
    pub fn request(&self, caller: &Caller, key: Option<String>) -> Option<Fingerprint> {
        let key = key?;
        Some(self.key.fingerprint(&[b"request", caller.account.name.as_str().as_bytes(), key.as_bytes()]))
    }

    /// A private value under a new name: what the event carries, and the row for the vault.
    pub fn seal(&self, subject: Option<SubjectId>, kind: &'static str, value: String) -> (PrivateRef, PrivateRow) {
        let row = PrivateRow::new(&mut rand::rng(), self.clock.wall(), subject, kind, value);
        (row.reference(), row)
    }

    /// After a channel was confirmed, or is gone.
    pub async fn learn_channels(&self) -> Result<(), StoreError> {
        let rows = self.stores.registry(|it| it.channels()).await?;
        self.reach.learn(&rows);
        Ok(())
    }

    /// Keeps in the audit that the caller read something private of a row.
    pub fn note_reading(&self, caller: &Caller, action: &str, row: (&str, &str), district: DistrictCode, why: &str) {
        let by = Auditor { actor: caller.account.name.as_str(), at: self.clock.wall() };
        let entry = AuditEntry::of(by, action).on(row.0, row.1).within(district);
        (self.live.audit)(if why.is_empty() { entry } else { entry.saying(why) });
    }

    pub fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}
