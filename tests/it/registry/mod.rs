//! The registry in a file and in a real PostgreSQL: what one tells the other must tell, whatever is done to both.

mod moved;
mod server;
mod steps;

use tempfile::TempDir;
use tidewatch::domain::{DistrictCode, Timestamp};
use tidewatch::journal::{PostgresReader, StoreUrl};
use tidewatch::registry::{AuditEntry, By, Forget, ImportError, ImportReport, Registry, Vault, World};

use crate::postgres::database;

const BY: By<'_> = By { actor: "test", at: Timestamp::EPOCH };

/// A registry, and the private values that go with a person.
struct Kept {
    registry: Registry,
    vault: Box<dyn Forget>,
    _dir: Option<TempDir>,
}

fn in_file() -> Kept {
    let dir = tempfile::tempdir().unwrap();
    let vault = Box::new(Vault::open(dir.path()).unwrap());
    Kept { registry: Registry::open(dir.path()).unwrap(), vault, _dir: Some(dir) }
}

fn in_server() -> (Kept, String) {
    let url = database();
    let registry = on(&url);
    let vault = Box::new(PostgresReader::open(&url.parse().unwrap()).unwrap());
    (Kept { registry, vault, _dir: None }, url)
}

fn on(url: &str) -> Registry {
    Registry::open(&url.parse::<StoreUrl>().unwrap()).unwrap()
}

fn take(registry: &mut Registry, world: &str) -> Result<ImportReport, ImportError> {
    registry.import(&[read(world)], BY)
}

fn read(world: &str) -> World {
    World::read("1.toml", world, &|point| point)
}

/// A district with one home of this number, lived in and with a bracelet.
fn home(n: u32) -> String {
    world(n, n, n, Some(n))
}

/// Subject, premises, telephone and device name, each by its number.
fn world(subject: u32, premises: u32, phone: u32, device: Option<u32>) -> String {
    let bracelet = device.map_or_else(String::new, |it| {
        format!("[[device]]\nid = \"D-{subject}\"\nsubject = \"S-{subject}\"\nprotocol = \"watch\"\nidentity = \"88{it:08}\"\n")
    });
    format!(
        "[[district]]\ncode = \"990101\"\nname = \"甲\"\nhotline = \"967890\"\n\
         [[premises]]\nid = \"P-{premises}\"\ndistrict = \"990101\"\nclass = \"urban\"\naddress = \"{premises} 号\"\n\
         lat = 30.53\nlon = 120.68\n\
         [[subject]]\nid = \"S-{subject}\"\npremises = \"P-{premises}\"\nname = \"老人{subject}\"\nphones = [\"+86573870{phone:05}\"]\n\
         [[subject.contact]]\nname = \"老人0\"\nphone = \"+8657387000000\"\nrelation = \"friend\"\n{bracelet}\
         [[responder]]\nid = \"R-{subject}\"\ndistrict = \"990101\"\nname = \"护理员{subject}\"\nphone = \"+86139000{phone:05}\"\n\
         tier = \"staff\"\ntravel = \"ebike\"\nbase_lat = 30.52\nbase_lon = 120.68\n"
    )
}

/// Without their numbers: a server leaves out those of what was undone.
fn audited(registry: &Registry, districts: &[DistrictCode]) -> Vec<AuditEntry> {
    let page = registry.audit_page(None, 1000, districts).unwrap();
    assert!(page.is_sorted_by(|a, b| a.seq > b.seq), "{page:?}");
    page.into_iter().map(|it| it.entry).collect()
}

/// All that a registry tells, but for what is drawn by chance.
fn told(registry: &Registry) -> String {
    let accounts = registry.accounts().unwrap();
    let signed: Vec<_> = accounts.iter().collect();
    format!(
        "version {}\nfacts {:?}\nchanges {:?}\naccounts {signed:?}\nchannels {:?}\nunknown {:?}\naudit {:#?}",
        registry.version().unwrap(),
        registry.load().unwrap(),
        registry.changes_since(0).unwrap(),
        registry.channels().unwrap(),
        registry.unknown_devices(100).unwrap(),
        audited(registry, &[])
    )
}
