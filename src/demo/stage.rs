//! The stage: a world imported into a data folder, and accounts with freshly made secrets for everybody who plays and
//! for those who look. Uses what `import` and `account add` use, beside the service, and nothing of a running one.

use std::path::Path;

use rand::CryptoRng;

use super::{Cast, Keys};
use crate::clock::{Clock, SystemClock};
use crate::dispatch::Facts;
use crate::domain::{AccountName, DistrictCode, Responder, Role};
use crate::geo::gcj02_to_wgs84;
use crate::registry::world::Fault;
use crate::registry::{Account, AccountError, By, ImportError, Registry, RegistryError, World};

/// The demo world, invented, and part of the program so that it runs anywhere.
pub const HAINING: &str = include_str!("../../scenarios/worlds/haining.toml");

/// As the audit names who did it.
const ACTOR: &str = "demo";

/// Everything that was made.
pub struct Stage {
    pub cast: Cast,
    pub keys: Keys,
    /// For the people who look: name and secret.
    pub operator: (AccountName, String),
    pub supervisor: (AccountName, String),
    pub ops: (AccountName, String),
}

#[derive(Debug, thiserror::Error)]
pub enum StageError {
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    World(Vec<Fault>),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl Stage {
    /// Sets up `dir`. Again on the same folder: the world is compared, and every secret is made anew.
    pub fn set(dir: &Path, world_file: &str, world: &str) -> Result<Self, StageError> {
        let world = World::read(world_file, world, &gcj02_to_wgs84);
        if !world.faults().is_empty() {
            return Err(StageError::World(world.faults().to_vec()));
        }
        let by = By { actor: ACTOR, at: SystemClock::new().wall() };
        let mut registry = Registry::open(dir)?;
        registry.import(&[world], by)?;
        let facts = registry.load()?;
        let mut makers = Makers { registry, rng: rand::rng(), by };
        makers.all(&facts)
    }
}

struct Makers<'a, R> {
    registry: Registry,
    rng: R,
    by: By<'a>,
}

impl<R: CryptoRng> Makers<'_, R> {
    fn all(&mut self, facts: &Facts) -> Result<Stage, StageError> {
        let cast = Cast::of(facts);
        let mut keys = Keys {
            evening: self.named("evening", Role::Operator)?,
            gateway: self.named("gateway", Role::Gateway)?.1,
            responders: std::collections::BTreeMap::new(),
        };
        for responder in &cast.responders {
            keys.responders.insert(responder.id.clone(), self.of_responder(responder)?);
        }
        let operator = self.named("operator", Role::Operator)?;
        let supervisor = self.named("supervisor", Role::Supervisor)?;
        let ops = self.named("ops", Role::Ops)?;
        Ok(Stage { cast, keys, operator, supervisor, ops })
    }

    fn named(&mut self, name: &str, role: Role) -> Result<(AccountName, String), StageError> {
        let name: AccountName = name.parse().expect("a word of our own is a name");
        let secret = self.anew(account(name.clone(), role))?;
        Ok((name, secret))
    }

    fn of_responder(&mut self, it: &Responder) -> Result<String, StageError> {
        let name = it.id.as_str().to_lowercase().parse().expect("an id in small letters is a name");
        let districts: [DistrictCode; 1] = [it.district];
        let responder = Some(it.id.clone());
        self.anew(Account { districts: districts.into(), responder, ..account(name, Role::Responder) })
    }

    /// An account that is there already is ended first: its secret was told to somebody, once.
    fn anew(&mut self, account: Account) -> Result<String, StageError> {
        match self.registry.revoke_account(&account.name, self.by) {
            Ok(()) | Err(AccountError::Unknown { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let secret = self.registry.add_account(&account, &mut self.rng, self.by)?;
        Ok(secret.expose().to_owned())
    }
}

fn account(name: AccountName, role: Role) -> Account {
    Account { name, role, districts: std::collections::BTreeSet::new(), responder: None, device: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_world_is_set_up_and_set_up_again_with_other_secrets() {
        let dir = tempfile::tempdir().unwrap();
        let first = Stage::set(dir.path(), "haining.toml", HAINING).unwrap();
        assert_eq!(first.keys.responders.len(), 60);
        assert_eq!(first.cast.visitor.as_ref().unwrap().watch.as_deref(), Some("8800000015"));
        assert!(first.cast.homes.iter().all(|home| home.watch.as_deref() != Some("8800000015")));
        let again = Stage::set(dir.path(), "haining.toml", HAINING).unwrap();
        assert_ne!(first.operator.1, again.operator.1);
        let accounts = Registry::open(dir.path()).unwrap().accounts().unwrap();
        assert!(accounts.by_secret(&first.operator.1).is_none());
        assert_eq!(accounts.by_secret(&again.operator.1).unwrap().role, Role::Operator);
    }

    #[test]
    fn a_world_with_a_fault_is_refused_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let error = Stage::set(dir.path(), "my.toml", "[[district]]\ncode = 7\n").err().unwrap();
        assert!(error.to_string().contains("my.toml:2"), "{error}");
    }
}
