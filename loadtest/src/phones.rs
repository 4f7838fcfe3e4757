//! Responders' phones: the demo's, with an ear that notes when each incident's first offer rang.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use tidewatch::demo::Evening;
use tidewatch::demo::responder::words::Hear;
use tidewatch::demo::responder::{Ear, Link};
use tokio::task::JoinSet;

use crate::book::count;
use crate::moment::{Clock, Us};

/// What all phones heard.
#[derive(Debug, Default)]
pub struct Bells {
    /// By incident: when the first offer of it came in anywhere.
    pub first: Mutex<BTreeMap<String, Us>>,
    pub offers: AtomicU64,
}

struct Bell {
    bells: Arc<Bells>,
    clock: Clock,
}

impl Ear for Bell {
    fn hears(&self, heard: &Hear) {
        let now = self.clock.now();
        let offers = match heard {
            Hear::Offer(job) => std::slice::from_ref(job),
            Hear::State { offers, .. } => offers,
            Hear::Assigned(_) | Hear::Gone { .. } | Hear::Noted { .. } | Hear::Other => return,
        };
        let mut first = self.bells.first.lock().expect("nothing panics while it holds the bells");
        for job in offers {
            count(&self.bells.offers);
            first.entry(job.incident.clone()).or_insert(now);
        }
    }
}

/// A phone for each responder of whom there is a secret.
pub fn open(evening: &Evening, clock: Clock, tasks: &mut JoinSet<()>) -> Arc<Bells> {
    let bells = Arc::new(Bells::default());
    for (nth, responder) in evening.cast.responders.iter().enumerate() {
        let Some(secret) = evening.keys.responders.get(&responder.id) else { continue };
        let bell = Bell { bells: Arc::clone(&bells), clock };
        let link = Link::new(evening, nth, responder, secret.clone()).heard_by(Box::new(bell));
        tasks.spawn(link.run());
    }
    bells
}
