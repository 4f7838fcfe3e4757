use super::{BY, RIGHT, conn, files_with, fresh, settled, take};
use crate::registry::ImportError;

#[test]
fn the_same_file_twice_changes_nothing() {
    let (_dir, mut registry) = fresh();
    let first = take(&mut registry, &[RIGHT]).unwrap();
    assert_eq!(first.summary(), "added 5, changed 0, unchanged 0, erased before and skipped 0");
    let audited = registry.audit_page(None, 100, &[]).unwrap().len();
    let second = take(&mut registry, &[RIGHT]).unwrap();
    assert_eq!(second.summary(), "added 0, changed 0, unchanged 5, erased before and skipped 0");
    assert_eq!((first.version, second.version, registry.version().unwrap()), (1, 1, 1));
    assert_eq!(registry.audit_page(None, 100, &[]).unwrap().len(), audited + 1, "one line for the import itself");
}

#[test]
fn a_changed_row_alone_gets_a_version_and_an_audit_row() {
    let (_dir, mut registry) = settled();
    let report = take(&mut registry, &[&RIGHT.replace("967890", "967891")]).unwrap();
    assert_eq!(report.summary(), "added 0, changed 1, unchanged 4, erased before and skipped 0");
    assert_eq!(report.version, 2);
    let newest = registry.audit_page(None, 2, &[]).unwrap();
    let told: Vec<_> =
        newest.iter().map(|it| (it.entry.action.as_str(), it.entry.id.as_deref(), it.entry.version)).collect();
    assert_eq!(told, [("imported", None, Some(2)), ("changed", Some("330481"), Some(2))]);
    assert_eq!(registry.load().unwrap().districts().next().unwrap().hotline, "967891");
}

#[test]
fn the_old_row_is_kept_with_its_versions() {
    let (_dir, mut registry) = settled();
    take(&mut registry, &[&RIGHT.replace("967890", "967891")]).unwrap();
    let sql = "SELECT group_concat(from_version || '-' || ifnull(to_version, '') || ' ' || (body ->> 'hotline'), ', ')
               FROM district";
    let history: String = conn(&registry).query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(history, "1-2 967890, 2- 967891");
    assert_eq!(registry.changes_since(0).unwrap().put.len(), 5, "what no longer holds is no fact");
}

#[test]
fn a_fault_in_one_file_keeps_all_of_them_out() {
    let (_dir, mut registry) = fresh();
    let error = take(
        &mut registry,
        &[RIGHT, "[[device]]\nid = \"D-9\"\nsubject = \"S-9\"\nprotocol = \"http\"\nidentity = \"1\"\nbattery = 3"],
    );
    faults(
        error,
        &[
            "2.toml:3: found subject `S-9` that is in no file and not in the registry, expected the name of a [[subject]]; correct it, or add a [[subject]] of that name",
            "2.toml:6: found unknown key `battery` in [[device]], expected one of id, subject, protocol, identity, supervision_s; correct its name or remove it",
        ],
    );
    assert_eq!(registry.version().unwrap(), 0);
    assert_eq!(registry.load().unwrap().districts().count(), 0);
    assert_eq!(registry.audit_page(None, 100, &[]).unwrap(), []);
}

#[test]
fn what_dangles_is_told_where_it_stands() {
    let (_dir, mut registry) = fresh();
    let text = RIGHT
        .replace("district = \"330481\"\nvillage", "district = \"330482\"\nvillage")
        .replace("premises = \"P-0001\"", "premises = \"P-2\"");
    faults(
        take(&mut registry, &[&text]),
        &[
            "1.toml:7: found district `330482` that is in no file and not in the registry, expected the name of a [[district]]; correct it, or add a [[district]] of that name",
            "1.toml:16: found premises `P-2` that is in no file and not in the registry, expected the name of a [[premises]]; correct it, or add a [[premises]] of that name",
        ],
    );
}

#[test]
fn a_name_may_stand_in_another_file_or_in_the_registry_and_a_faulty_row_is_not_missing() {
    let (_dir, mut registry) = settled();
    let one = "[[device]]\nid = \"D-2\"\nsubject = \"S-0001\"\nprotocol = \"http\"\nidentity = \"1\"";
    take(&mut registry, &[one]).unwrap();
    let other = "[[subject]]\nid = \"S-3\"\npremises = \"P-0001\"\nname = \"\"\nphones = []";
    let third = "[[device]]\nid = \"D-3\"\nsubject = \"S-3\"\nprotocol = \"http\"\nidentity = \"3\"";
    faults(
        take(&mut registry, &[other, third]),
        &[
            "1.toml:4: found empty text as `name`, expected text of 1 to 500 characters on one line; write it as in name = \"…\"",
        ],
    );
}

#[test]
fn an_id_twice_is_told_with_its_first_place() {
    let (_dir, mut registry) = fresh();
    let twice = format!(
        "{RIGHT}\n[[responder]]\nid = \"R-001\"\ndistrict = \"330481\"\nname = \"x\"\nphone = \"+8613900000003\"\ntier = \"staff\"\ntravel = \"car\"\nbase_lat = 30\nbase_lon = 120\n"
    );
    faults(
        take(&mut registry, &[&twice]),
        &[
            "1.toml:52: found responder `R-001` again (first at 1.toml:41), expected each id once; remove one of them or give it another id",
        ],
    );
    let same = format!("{RIGHT}\n[[district]]\ncode = \"330481\"\nname = \"海宁市\"\nhotline = \"967890\"\n");
    faults(
        take(&mut registry, &[&same]),
        &[
            "1.toml:52: found district `330481` again (first at 1.toml:2), expected each id once; remove one of them or give it another id",
        ],
    );
    let other = RIGHT.replace("967890", "967891");
    faults(
        take(&mut registry, &[RIGHT, &other]),
        &[
            "2.toml:2: found district `330481` again (first at 1.toml:2), expected each id once; remove one of them or give it another id",
        ],
    );
    assert_eq!(
        take(&mut registry, &[RIGHT, RIGHT]).unwrap().summary(),
        "added 5, changed 0, unchanged 0, erased before and skipped 0"
    );
}

#[test]
fn two_devices_cannot_have_one_name_but_may_swap_theirs() {
    let (_dir, mut registry) = settled();
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
