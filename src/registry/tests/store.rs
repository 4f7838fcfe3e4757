use std::sync::Barrier;

use super::{RIGHT, conn, fresh, take};
use crate::registry::{PRIVATE_FILE, REGISTRY_FILE, Registry, RegistryError, Vault, VaultReader};

#[test]
fn a_file_of_somebody_else_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(REGISTRY_FILE);
    std::fs::write(&path, "not a database, but long enough to be looked at as one: ".repeat(20)).unwrap();
    check_refused(
        dir.path(),
        "found a file that is not Tidewatch's, expected its registry; check --data, or move the file away",
    );
    std::fs::remove_file(&path).unwrap();
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    check_refused(
        dir.path(),
        "found a file that is not Tidewatch's, expected its registry; check --data, or move the file away",
    );
}

#[test]
fn the_two_files_are_not_taken_for_each_other() {
    let (dir, registry) = fresh();
    drop(registry);
    std::fs::rename(dir.path().join(REGISTRY_FILE), dir.path().join(PRIVATE_FILE)).unwrap();
    assert!(matches!(Vault::open(dir.path()), Err(RegistryError::NotOurs { .. })));
}

#[test]
fn a_newer_schema_is_refused() {
    let (dir, registry) = fresh();
    conn(&registry).pragma_update(None, "user_version", 2).unwrap();
    drop(registry);
    check_refused(
        dir.path(),
        "found schema version 2 of the registry, expected at most 1; run the newer tidewatch that wrote it",
    );
}

#[test]
fn what_must_exist_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("typo");
    assert!(matches!(Registry::open_existing(missing.as_path()), Err(RegistryError::Missing { .. })));
    assert!(matches!(VaultReader::open(&missing), Err(RegistryError::Missing { .. })));
    assert!(!missing.exists());
}

#[test]
fn the_promises_of_the_files_are_kept() {
    let (_dir, registry) = fresh();
    let pragma = |name: &str| -> String {
        let sql = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
        conn(&registry).query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(["journal_mode", "synchronous", "secure_delete"].map(pragma), ["wal", "2", "1"]);
}

#[cfg(unix)]
#[test]
fn other_users_of_the_machine_cannot_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, mut registry) = fresh();
    let _vault = Vault::open(dir.path()).unwrap();
    take(&mut registry, &[RIGHT]).unwrap();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
    }
}

#[test]
fn many_may_make_the_same_registry_at_once_and_get_one() {
    let dir = tempfile::tempdir().unwrap();
    let start = Barrier::new(8);
    let prints: Vec<_> = std::thread::scope(|scope| {
        let open = || {
            start.wait();
            Registry::open(dir.path()).unwrap().fingerprint_key().fingerprint(&[b"one"])
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert!(prints.iter().all(|it| *it == prints[0]), "each process must know the same repeats");
}

#[test]
fn imports_beside_each_other_lose_nothing() {
    let (dir, registry) = fresh();
    let write = |thread: usize| {
        let mut registry = Registry::open(dir.path()).unwrap();
        for n in 0..10 {
            let code = 100_000 + thread * 100 + n;
            let text = format!("[[district]]\ncode = \"{code}\"\nname = \"x\"\nhotline = \"967890\"");
            take(&mut registry, &[&text]).unwrap();
        }
    };
    std::thread::scope(|scope| (0..4).for_each(|thread| drop(scope.spawn(move || write(thread)))));
    assert_eq!(registry.version().unwrap(), 40);
    assert_eq!(registry.load().unwrap().districts().count(), 40);
}

#[test]
fn the_same_import_by_many_at_once_is_taken_once() {
    let (dir, registry) = fresh();
    let start = Barrier::new(4);
    let import = || {
        let mut registry = Registry::open(dir.path()).unwrap();
        start.wait();
        take(&mut registry, &[RIGHT]).unwrap()
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(import))));
    assert_eq!(registry.version().unwrap(), 1);
    let rows: i64 = conn(&registry).query_row("SELECT count(*) FROM subject", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1);
}

#[test]
fn private_values_are_kept_while_an_import_holds_the_registry() {
    let (dir, registry) = fresh();
    let mut vault = Vault::open(dir.path()).unwrap();
    let import = registry.sql.write().unwrap();
    import.execute("UPDATE meta SET version = 9", &[]).unwrap();
    let mut rng = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(1);
    vault.keep(&[crate::registry::PrivateRow::new(&mut rng, super::BY.at, None, "note", "x".into())]).unwrap();
}

fn check_refused(dir: &std::path::Path, expected: &str) {
    let path = dir.join(REGISTRY_FILE);
    let before = std::fs::read(&path).unwrap();
    let error = Registry::open(dir).unwrap_err().to_string();
    assert_eq!(error, format!("{}: {expected}", path.display()));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
