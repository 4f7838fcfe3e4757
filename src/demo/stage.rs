//! The stage: a world imported into a data folder, and accounts with freshly made secrets for everybody who plays and
//! for those who look. Uses what `import` and `account add` use, beside the service, and nothing of a running one.

use rand::CryptoRng;

use super::{Cast, Keys};
use crate::clock::{Clock, SystemClock};
use crate::domain::{AccountName, DistrictCode, Responder, Role};
use crate::registry::{Account, AccountError, By, ImportError, Place, Registry, RegistryError};
use crate::scenario::{Population, Scenario, Shelf};

/// What is played where nobody names a scenario: with its invented world, part of the program so that it runs anywhere.
const QUIET_EVENING: (&str, &str) =
    ("scenarios/quiet-evening.toml", include_str!("../../scenarios/quiet-evening.toml"));
const HAINING: (&str, &str) = ("worlds/haining.toml", include_str!("../../scenarios/worlds/haining.toml"));

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
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

impl Stage {
    /// Sets up a registry. Again on the same one: the world is compared, and every secret is made anew.
    pub fn set(place: impl Into<Place>, population: &Population) -> Result<Self, StageError> {
        let by = By { actor: ACTOR, at: SystemClock::new().wall() };
        let mut registry = Registry::open(place)?;
        registry.import(std::slice::from_ref(&population.world), by)?;
        let mut makers = Makers { registry, rng: rand::rng(), by };
        makers.all(Cast::of(population))
    }
}

/// A quiet evening in Haining.
pub fn quiet_evening() -> Scenario {
    let (file, text) = QUIET_EVENING;
    let shelf = Shelf([(HAINING.0.to_owned(), HAINING.1.to_owned())].into());
    Scenario::read(file, text, &shelf).expect("what is part of the program reads, which a test holds")
}

struct Makers<'a, R> {
    registry: Registry,
    rng: R,
    by: By<'a>,
}

impl<R: CryptoRng> Makers<'_, R> {
    fn all(&mut self, cast: Cast) -> Result<Stage, StageError> {
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
        let population = quiet_evening().population;
        let first = Stage::set(dir.path(), &population).unwrap();
        assert_eq!(first.keys.responders.len(), 60);
        let (nth, visitor) = first.cast.visitor.as_ref().unwrap();
        assert_eq!((*nth, crate::demo::cast::watch_of(visitor)), (0, Some("8800000015")));
        let again = Stage::set(dir.path(), &population).unwrap();
        assert_ne!(first.operator.1, again.operator.1);
        let accounts = Registry::open(dir.path()).unwrap().accounts().unwrap();
        assert!(accounts.by_secret(&first.operator.1).is_none());
        assert_eq!(accounts.by_secret(&again.operator.1).unwrap().role, Role::Operator);
    }
}
