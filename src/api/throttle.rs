//! Failed sign-ins are answered later and later, per name and per address. A right secret is answered at once, so that
//! nobody can lock an operator out by failing in their name. Remembers a bounded number of both.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use crate::config::Sessions;

/// Names and addresses remembered; more than a county has. The one that failed longest ago makes room.
const KEPT: usize = 10_000;

/// After this long without a failure one begins anew: a tired operator comes back from a break.
const FORGET_AFTER_MS: u64 = 15 * 60 * 1000;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    Name(String),
    Address(IpAddr),
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u64,
    last_ms: u64,
}

#[derive(Debug, Default)]
pub struct Throttle {
    failures: HashMap<Who, Failures>,
}

impl Throttle {
    /// Notes a failure and tells how long its answer waits.
    pub fn failed(&mut self, name: &str, address: IpAddr, now_ms: u64, limits: Sessions) -> Duration {
        let name = Who::Name(name.chars().take(128).collect());
        let worst = self.count(name, now_ms).max(self.count(Who::Address(network(address)), now_ms));
        let doublings = worst.saturating_sub(limits.free_failures);
        if doublings == 0 {
            return Duration::ZERO;
        }
        let wait_s = 1_u64.checked_shl(u32::try_from(doublings - 1).unwrap_or(63).min(62)).unwrap_or(u64::MAX);
        Duration::from_secs(wait_s.min(limits.longest_wait_s))
    }

    /// The right secret of `name`: its failures are forgotten, those of the address are not.
    pub fn succeeded(&mut self, name: &str) {
        self.failures.remove(&Who::Name(name.chars().take(128).collect()));
    }

    fn count(&mut self, who: Who, now_ms: u64) -> u64 {
        if !self.failures.contains_key(&who) {
            self.make_room(now_ms);
        }
        let it = self.failures.entry(who).or_insert(Failures { count: 0, last_ms: now_ms });
        if now_ms.saturating_sub(it.last_ms) > FORGET_AFTER_MS {
            it.count = 0;
        }
        it.count += 1;
        it.last_ms = now_ms;
        it.count
    }

    fn make_room(&mut self, now_ms: u64) {
        if self.failures.len() < KEPT {
            return;
        }
        self.failures.retain(|_, it| now_ms.saturating_sub(it.last_ms) <= FORGET_AFTER_MS);
        if self.failures.len() >= KEPT
            && let Some(oldest) = self.failures.iter().min_by_key(|(_, it)| it.last_ms).map(|(who, _)| who.clone())
        {
            self.failures.remove(&oldest);
        }
    }
}

/// One subscriber: an IPv4 address, or the /64 that an IPv6 host draws its addresses from.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(it) => IpAddr::V6((it.to_bits() & (u128::MAX << 64)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Sessions = Sessions { ttl_s: 60, free_failures: 3, longest_wait_s: 10 };

    #[test]
    fn each_failure_after_the_free_ones_waits_twice_as_long() {
        let mut throttle = Throttle::default();
        let waits: Vec<u64> = (0..9).map(|n| fail(&mut throttle, "op", "10.0.0.1", n)).collect();
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 10, 10]);
    }

    #[test]
    fn another_name_from_the_same_address_waits_too_and_another_network_does_not() {
        let mut throttle = Throttle::default();
        (0..3).for_each(|n| assert_eq!(fail(&mut throttle, "a", "2001:db8::1", n), 0));
        assert_eq!(fail(&mut throttle, "b", "2001:db8::ffff:2", 3), 1);
        assert_eq!(fail(&mut throttle, "c", "2001:db8:0:1::1", 4), 0);
    }

    #[test]
    fn success_and_time_forget() {
        let mut throttle = Throttle::default();
        (0..4).for_each(|n| {
            fail(&mut throttle, "a", &format!("10.0.0.{n}"), n);
        });
        throttle.succeeded("a");
        assert_eq!(fail(&mut throttle, "a", "10.0.1.1", 5), 0);
        (0..3).for_each(|n| {
            fail(&mut throttle, "b", "10.9.0.1", n);
        });
        assert_eq!(fail(&mut throttle, "b", "10.9.0.1", FORGET_AFTER_MS + 4), 0);
    }

    #[test]
    fn memory_is_bounded() {
        let mut throttle = Throttle::default();
        (0..12_000).for_each(|n| {
            fail(&mut throttle, &format!("n{n}"), "10.0.0.1", n);
        });
        assert_eq!(throttle.failures.len(), KEPT);
    }

    fn fail(throttle: &mut Throttle, name: &str, address: &str, now_ms: u64) -> u64 {
        throttle.failed(name, address.parse().unwrap(), now_ms, LIMITS).as_secs()
    }
}
