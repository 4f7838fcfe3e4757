//! Keeping the leases, on a connection of its own: an append that waits for a standby does not cost us the district.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_postgres::Client;

use super::bridge::Bridge;
use super::lease::number;
use super::line::{Line, Trouble, connect, within};
use super::url::StoreUrl;
use crate::domain::DistrictCode;

/// What happens where another has taken a district from us.
pub type OnLost = Arc<dyn Fn(&str) + Send + Sync>;

/// Renewals in the length of a lease: two may fail.
const RENEWALS_A_LEASE: u32 = 3;

/// What readiness says of a store.
#[derive(Debug, Default)]
pub struct Standing {
    /// A commit is on a second machine before it is acknowledged.
    synchronous_standby: AtomicBool,
    renewed: AtomicBool,
}

impl Standing {
    pub fn has_synchronous_standby(&self) -> bool {
        self.synchronous_standby.load(Ordering::Relaxed)
    }

    /// The store was asked, and says whether it has one.
    pub fn told(&self, synchronous_standby: bool) {
        self.synchronous_standby.store(synchronous_standby, Ordering::Relaxed);
        self.renewed.store(true, Ordering::Relaxed);
    }

    /// The store was asked and did not answer.
    pub fn missed(&self) {
        self.renewed.store(false, Ordering::Relaxed);
    }

    /// Whether the last renewal of the leases went well.
    pub fn is_renewed(&self) -> bool {
        self.renewed.load(Ordering::Relaxed)
    }
}

pub(super) struct Renewal {
    pub standing: Arc<Standing>,
    districts: Arc<Mutex<BTreeSet<DistrictCode>>>,
    task: Option<JoinHandle<()>>,
}

impl Renewal {
    pub fn begin(line: &Line, owner: &str, lease: Duration, on_lost: OnLost) -> Self {
        let standing = Standing { synchronous_standby: AtomicBool::new(false), renewed: AtomicBool::new(true) };
        let (standing, districts): (_, Arc<Mutex<BTreeSet<_>>>) = (Arc::new(standing), Arc::default());
        let mut renewer = Renewer {
            url: line.url.clone(),
            owner: owner.to_owned(),
            lease,
            districts: districts.clone(),
            standing: standing.clone(),
            client: None,
        };
        // The first look is waited for: what is said at the start is so.
        let (looked, renewer) = line.bridge.wait(async move { (renewer.renew().await, renewer) });
        if let Err(Missed::Trouble(why)) = looked {
            tracing::warn!("What PostgreSQL says of its standbys is not known yet: {why:?}");
        }
        let task = Some(line.bridge.begin(renewer.run(on_lost)));
        Self { standing, districts, task }
    }

    pub fn renew_too(&self, district: DistrictCode) {
        lock(&self.districts).insert(district);
    }

    /// Nothing is renewed after this.
    pub fn end(&mut self, bridge: &Bridge) {
        if let Some(task) = self.task.take() {
            task.abort();
            bridge.wait(async move { drop(task.await) });
        }
    }
}

/// Whether a commit waits for a second machine.
pub(super) const STANDBY: &str = "SELECT current_setting('synchronous_standby_names') <> ''
                                  AND current_setting('synchronous_commit') IN ('on', 'remote_apply')";

struct Renewer {
    url: StoreUrl,
    owner: String,
    lease: Duration,
    districts: Arc<Mutex<BTreeSet<DistrictCode>>>,
    standing: Arc<Standing>,
    client: Option<Client>,
}

enum Missed {
    Lost(DistrictCode),
    Trouble(Trouble),
}

impl From<Trouble> for Missed {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl Renewer {
    async fn run(mut self, on_lost: OnLost) {
        loop {
            sleep(self.lease / RENEWALS_A_LEASE).await;
            match self.renew().await {
                Ok(()) => self.standing.renewed.store(true, Ordering::Relaxed),
                Err(Missed::Trouble(why)) => {
                    // Told once, and again when it has been well in between.
                    if self.standing.renewed.swap(false, Ordering::Relaxed) {
                        tracing::error!("The leases were not renewed, readiness is off: {why:?}");
                    }
                    self.client = None;
                }
                Err(Missed::Lost(district)) => {
                    on_lost(&format!("the lease of district {district} is another's"));
                    return;
                }
            }
        }
    }

    async fn renew(&mut self) -> Result<(), Missed> {
        const RENEW: &str = "UPDATE lease SET held_until = clock_timestamp() + make_interval(secs => $3)
                             WHERE district = $1 AND owner = $2";
        let client = match self.client.take().filter(|it| !it.is_closed()) {
            Some(client) => client,
            None => connect(&self.url).await?,
        };
        let standby = within(self.lease, client.query_one_scalar(STANDBY, &[])).await?;
        self.standing.synchronous_standby.store(standby, Ordering::Relaxed);
        let (districts, length_s) = (lock(&self.districts).clone(), self.lease.as_secs_f64());
        // One commit a district: locks of several, taken in another order than an append takes them, could block it.
        for district in districts {
            let renewed = async { client.execute(RENEW, &[&number(district), &self.owner, &length_s]).await };
            if within(self.lease, renewed).await? == 0 {
                return Err(Missed::Lost(district));
            }
        }
        self.client = Some(client);
        Ok(())
    }
}

fn lock<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().expect("nothing panics while it holds the districts")
}
