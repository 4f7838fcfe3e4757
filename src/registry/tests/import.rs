use super::{BY, RIGHT, files_with, fresh, settled, take};
use crate::registry::ImportError;

#[test]
fn the_same_file_twice_changes_nothing() {
    let (_dir, mut registry) = fresh();
    let first = take(&mut registry, &[RIGHT]).unwrap();
    assert_eq!(first.summary(), "added 5, changed 0, unchanged 0, erased before and skipped 0");
    let audited = registry.audit_page(None, 100, &[]).unwrap().len();
    let device = |id: &str, identity: &str| {
        format!("[[device]]\nid = \"{id}\"\nsubject = \"S-0001\"\nprotocol = \"watch\"\nidentity = \"{identity}\"\n")
    };
    let twice = device("D-2", "8800000015") + &device("D-3", "8800000015");
    faults(
        take(&mut registry, &[&twice]),
        &[
            "1.toml:2: found device `D-2` with the protocol and identity of device `D-0001` (in the registry), expected each protocol and identity once; correct `identity`, or use the other's id",
            "1.toml:7: found device `D-3` with the protocol and identity of device `D-2` (1.toml:2), expected each protocol and identity once; correct `identity`, or use the other's id",
        ],
    );
    let both = |first: &str, second: &str| device("D-0001", first) + &device("D-2", second);
    take(&mut registry, &[&both("8800000015", "8800000016")]).unwrap();
    take(&mut registry, &[&both("8800000016", "8800000015")]).unwrap();
    let facts = registry.load().unwrap();
    assert_eq!(facts.device_by_name(&"watch:8800000015".parse().unwrap()).unwrap().id.as_str(), "D-2");
}

#[test]
fn the_audit_of_an_import_holds_no_value() {
    let (dir, mut registry) = settled();
    assert!(!files_with(dir.path(), "+8657387000001").is_empty(), "the registry itself has it");
    registry.audit(&crate::registry::AuditEntry::of(BY, "refused").saying("GET /api/v1/audit")).unwrap();
    for row in registry.audit_page(None, 100, &[]).unwrap() {
        let told = format!("{row:?}");
        for value in ["沈", "8657387000001", "硖石", "8800000015", "30.53"] {
            assert!(!told.contains(value), "{told}");
        }
    }
}

fn faults(result: Result<crate::registry::ImportReport, ImportError>, expected: &[&str]) {
    match result {
        Err(ImportError::Faults(found)) => {
            assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
        }
        other => panic!("expected faults, found {other:?}"),
    }
}
