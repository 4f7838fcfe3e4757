//! What every live session is given.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::hub::Hub;
use super::past::Past;
use super::socket::Limits;
use crate::dispatch::Facts;
use crate::domain::AccountName;
use crate::notify::Links;
use crate::registry::{Account, AuditEntry, FingerprintKey};
use crate::sources::{Handles, Source};

/// Whose token this is: an account's secret or a session's token.
pub type Identify = Arc<dyn Fn(String) -> BoxFuture<'static, Option<Arc<Account>>> + Send + Sync>;

/// The account as it is now; `None` where it was revoked.
pub type StillThere = Arc<dyn Fn(&AccountName) -> Option<Arc<Account>> + Send + Sync>;

pub struct LiveContext {
    pub handles: Source<Handles>,
    pub facts: Source<Facts>,
    pub hub: Arc<Hub>,
    pub links: Arc<Links>,
    pub past: Past,
    pub identify: Identify,
    pub still_there: StillThere,
    /// Keeps an entry of the audit, off this task; must not lose it.
    pub audit: Arc<dyn Fn(AuditEntry) + Send + Sync>,
    pub key: FingerprintKey,
    pub limits: Limits,
    /// Where consoles are served; they give way to alarms and offers.
    pub screens: Handle,
    /// Every session runs in it.
    pub tasks: TaskTracker,
    /// Sessions say good-bye when it is cancelled.
    pub shutdown: CancellationToken,
}
