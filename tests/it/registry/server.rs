//! What a registry in a server promises that a file cannot break: many writers, and a line that is lost in a change.

use std::time::Duration;

use tidewatch::domain::private::PrivateId;
use tidewatch::domain::{Role, SubjectId};
use tidewatch::journal::StoreUrl;
use tidewatch::registry::{Account, EraseError, Forget, Registry, RegistryError};

use super::{BY, home, in_server, on, take, told};
use crate::postgres::{Held, database, sql};
use crate::service::until;

/// Who waits for a lock of somebody else.
const WAITS: &str = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";

#[test]
fn many_may_make_the_same_registry_at_once_and_get_one() {
    let url = database();
    let open = || on(&url).fingerprint_key().fingerprint(&[b"x"]);
    let keys = std::thread::scope(|scope| [(); 6].map(|()| scope.spawn(open)).map(|it| it.join().unwrap()));
    assert!(keys.iter().all(|it| *it == keys[0]), "{keys:?}");
}

#[test]
fn imports_and_accounts_beside_each_other_lose_nothing() {
    const EACH: u32 = 4;
    let (server, url) = in_server();
    let work = |first: u32| {
        let mut registry = on(&url);
        for n in first..first + EACH {
            take(&mut registry, &home(n)).unwrap();
            let name = format!("a{n}").parse().unwrap();
            let it = Account { name, role: Role::Operator, districts: [].into(), responder: None, device: None };
            registry.add_account(&it, &mut rand::rng(), BY).unwrap();
        }
    };
    std::thread::scope(|scope| {
        [0, 10, 20, 30].map(|first| scope.spawn(move || work(first))).map(|it| it.join().unwrap())
    });
    let facts = server.registry.load().unwrap();
    assert_eq!((facts.subjects().count(), facts.devices().count()), (16, 16));
    assert_eq!(server.registry.accounts().unwrap().iter().count(), 16);
    // Each change has a version of its own.
    assert_eq!(server.registry.version().unwrap(), 32);
}

#[test]
fn the_same_import_by_many_at_once_is_taken_once() {
    const IMPORTS: u32 = 8;
    let (server, url) = in_server();
    let work = || {
        let mut registry = on(&url);
        (0..IMPORTS)
            .map(|n| take(&mut registry, &home(n)).unwrap().summary())
            .filter(|it| it.contains("changed 0, unchanged 0,"))
            .count()
    };
    let taken = std::thread::scope(|scope| [(); 4].map(|()| scope.spawn(work)).map(|it| it.join().unwrap()));
    // The first of all brings the district, too; what the others bring is partly there.
    assert_eq!((taken.iter().sum::<usize>(), server.registry.version().unwrap()), (1, u64::from(IMPORTS)));
    assert_eq!(server.registry.load().unwrap().subjects().count(), IMPORTS as usize);
}

/// Somebody ends the registry's line in the middle of a change, and finds nothing wrong with that.
struct Cut<'a> {
    url: &'a str,
}

impl Forget for Cut<'_> {
    fn forget(&mut self, _: &SubjectId, _: &[PrivateId]) -> Result<usize, RegistryError> {
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE state = 'idle in transaction' AND datname = current_database()";
        assert_eq!(sql(self.url, cut), ["t"]);
        Ok(0)
    }

    fn scrub(&self) -> Result<(), RegistryError> {
        Ok(())
    }
}

#[test]
fn what_was_not_committed_is_never_called_done() {
    let (mut server, url) = in_server();
    take(&mut server.registry, &home(1)).unwrap();
    let (before, subject) = (told(&server.registry), "S-1".parse().unwrap());
    let undone = server.registry.erase(&mut Cut { url: &url }, &subject, &[], BY).unwrap_err();
    assert!(matches!(undone, EraseError::Registry(RegistryError::Record(_))), "{undone}");
    assert_eq!(told(&server.registry), before);
    let erased = server.registry.erase(&mut *server.vault, &subject, &[], BY).unwrap();
    assert!(!erased.before);
}

#[tokio::test]
async fn a_change_whose_line_is_lost_is_undone_and_the_next_is_made_on_a_new_one() {
    let url = database();
    let mut registry = on(&url);
    take(&mut registry, &home(1)).unwrap();
    let before = told(&registry);
    // The import gets as far as the audit, which is written last.
    let held = Held::take(&url, "LOCK TABLE tidewatch.audit IN EXCLUSIVE MODE");
    let importing = std::thread::spawn(move || {
        let lost = take(&mut registry, &home(2)).unwrap_err().to_string();
        (registry, lost)
    });
    let waiting = until("an import that waits", Duration::from_secs(10), async || sql(&url, WAITS).pop()).await;
    sql(&url, &format!("SELECT pg_terminate_backend({waiting})"));
    let (mut registry, lost) = importing.join().unwrap();
    assert!(lost.contains("no answer"), "{lost}");
    drop(held);
    assert_eq!(told(&registry), before);
    take(&mut registry, &home(2)).unwrap();
    assert_eq!(registry.version().unwrap(), 2);
}

#[test]
fn a_reader_waits_for_no_writer() {
    let (mut server, url) = in_server();
    take(&mut server.registry, &home(1)).unwrap();
    let held = Held::take(&url, "UPDATE tidewatch.meta SET version = 9");
    assert_eq!(on_existing(&url).load().unwrap().version, 1);
    drop(held);
}

/// A reader that is half-way when something changes further on.
#[tokio::test]
async fn what_is_read_is_one_state() {
    let (mut server, url) = in_server();
    take(&mut server.registry, &home(1)).unwrap();
    // Tables are read in their order, and the responders' is the last.
    let held = Held::take(&url, "LOCK TABLE tidewatch.premises IN ACCESS EXCLUSIVE MODE");
    let reader = on_existing(&url);
    let reading = std::thread::spawn(move || reader.load().unwrap());
    until("a reader that waits", Duration::from_secs(10), async || sql(&url, WAITS).pop()).await;
    sql(&url, "UPDATE tidewatch.meta SET version = 2; UPDATE tidewatch.responder SET to_version = 2");
    drop(held);
    let facts = reading.join().unwrap();
    assert_eq!((facts.version, facts.responders().count()), (1, 1), "a version without its rows");
    assert_eq!(server.registry.load().unwrap().responders().count(), 0);
}

#[test]
fn a_store_without_a_registry_is_told_of() {
    let url = database();
    assert!(matches!(Registry::open_existing(&url.parse::<StoreUrl>().unwrap()), Err(RegistryError::Record(_))));
    drop(crate::postgres::log(&url));
    let refused = Registry::open_existing(&url.parse::<StoreUrl>().unwrap()).unwrap_err();
    assert!(matches!(refused, RegistryError::Unmade), "{refused}");
}

fn on_existing(url: &str) -> Registry {
    Registry::open_existing(&url.parse::<StoreUrl>().unwrap()).unwrap()
}
