use rand::SeedableRng;
use rand::rngs::StdRng;

use super::{BY, RIGHT, conn, files_with, settled, take};
use crate::domain::{Role, Timestamp};
use crate::registry::{Account, EraseError, PrivateRow, Registry, Vault, VaultReader};

/// Everything about 沈阿婆 that the world of the contract and these tests bring in.
const HERS: [&str; 9] = [
    "沈阿婆",
    "+8657387000001",
    "+8657387000009",
    "1941-03-02",
    "钥匙在门卫处",
    "沈建国",
    "8800000015",
    "硖石街道东山社区1幢101室",
    "ZJ330481-000123",
];

const NEIGHBOUR: &str = "
[[subject]]
id = \"S-2\"
premises = \"P-0001\"
name = \"王大爷\"
phones = [\"+8657387000002\"]
[[subject.contact]]
name = \"沈阿婆\"
phone = \"+8657387000001\"
relation = \"wife\"
[[subject.contact]]
name = \"王小明\"
phone = \"+8613900000007\"
relation = \"son\"
";

#[test]
fn no_byte_of_an_erased_person_is_left_beside_idle_connections() {
    let (dir, mut registry) = settled();
    let mut vault = Vault::open(dir.path()).unwrap();
    let idle = (Registry::open(dir.path()).unwrap(), VaultReader::open(dir.path()).unwrap());
    let (server, server_facts) = (idle.0.version().unwrap(), idle.0.load().unwrap());
    take(&mut registry, &[&RIGHT.replace("+8657387000001\"]", "+8657387000009\"]")]).unwrap();
    registry.note_unknown_device(&"watch:8800000015".parse().unwrap(), crate::domain::SignalKind::Sos, BY.at).unwrap();
    registry
        .note_unknown_device(&"tel:+8657387000009".parse().unwrap(), crate::domain::SignalKind::Sos, BY.at)
        .unwrap();
    let flagged = value(1, Some("S-0001"), "沈阿婆 fell");
    let found_in_journal = value(2, None, "+8657387000001 rang");
    let others = value(3, Some("S-2"), "stays here");
    vault.keep(&[flagged.clone(), found_in_journal.clone(), others.clone()]).unwrap();
    for text in HERS {
        assert!(!files_with(dir.path(), text).is_empty(), "{text} was never there, so that its absence proves nothing");
    }

    let erased = registry.erase(&mut vault, &"S-0001".parse().unwrap(), &[found_in_journal.id], BY).unwrap();

    for text in HERS {
        assert_eq!(files_with(dir.path(), text), [""; 0], "{text} is still there");
    }
    assert_eq!((erased.private_values, erased.unknown_devices, erased.before), (2, 2, false));
    assert_eq!(erased.devices, ["D-0001".parse().unwrap()]);
    assert_eq!(erased.premises, ["P-0001".parse().unwrap()]);
    assert_eq!(idle.1.read(&[flagged.id, others.id]).unwrap().len(), 1);
    let mut facts = server_facts;
    idle.0.changes_since(server).unwrap().apply_to(&mut facts);
    assert_eq!((facts.subjects().count(), facts.devices().count(), facts.all_premises().count()), (0, 0, 0));
}

/// A page that splits moves rows about. Overwriting what is deleted and rewriting the file each hold this alone.
#[test]
fn no_copy_that_the_store_made_for_itself_is_left() {
    let (dir, mut registry) = settled();
    let mut vault = Vault::open(dir.path()).unwrap();
    let person = |n: u32| {
        let conditions = "x".repeat(n as usize % 400 + 1);
        format!(
            "[[subject]]\nid = \"S-{n}\"\npremises = \"P-0001\"\nname = \"name-{n}.\"\nphones = []\nconditions = [\"{conditions}\"]\n"
        )
    };
    // 101 has no common factor with 257: every number once, in an order that splits pages everywhere.
    let people: Vec<_> = (0..257).map(|n| 1000 + n * 101 % 257).collect();
    for some in people.chunks(64) {
        take(&mut registry, &[&some.iter().map(|n| person(*n)).collect::<String>()]).unwrap();
    }
    for n in (1000..1257).step_by(16) {
        registry.erase(&mut vault, &format!("S-{n}").parse().unwrap(), &[], BY).unwrap();
        assert_eq!(files_with(dir.path(), &format!("name-{n}.")), [""; 0]);
    }
}

#[test]
fn who_lives_there_too_keeps_the_address_and_loses_the_contact() {
    let (dir, mut registry) = settled();
    let mut vault = Vault::open(dir.path()).unwrap();
    take(&mut registry, &[NEIGHBOUR]).unwrap();
    let erased = registry.erase(&mut vault, &"S-0001".parse().unwrap(), &[], BY).unwrap();
    assert_eq!(erased.premises, []);
    assert_eq!(erased.premises_kept, [("P-0001".parse().unwrap(), vec!["S-2".parse().unwrap()])]);
    assert_eq!(erased.contact_of, ["S-2".parse().unwrap()]);
    for text in HERS {
        let left: &[&str] = if text.starts_with("硖石") { &["registry.db"] } else { &[] };
        assert_eq!(files_with(dir.path(), text), left, "{text}");
    }
    let facts = registry.load().unwrap();
    let neighbour = facts.subject(&"S-2".parse().unwrap()).unwrap();
    assert_eq!(neighbour.contacts.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["王小明"]);
}

#[test]
fn an_old_file_does_not_bring_an_erased_person_back() {
    let (dir, mut registry) = settled();
    let mut vault = Vault::open(dir.path()).unwrap();
    registry.erase(&mut vault, &"S-0001".parse().unwrap(), &[], BY).unwrap();
    let report = take(&mut registry, &[RIGHT]).unwrap();
    assert_eq!(report.summary(), "added 0, changed 0, unchanged 2, erased before and skipped 3");
    assert_eq!(files_with(dir.path(), "8800000015"), [""; 0]);
    // Somebody else moves in, with the same device: home and device are there again, the person is not.
    let moved_in = RIGHT.replace("S-0001", "S-9").replace("沈阿婆", "李奶奶");
    assert_eq!(
        take(&mut registry, &[&moved_in]).unwrap().summary(),
        "added 3, changed 0, unchanged 2, erased before and skipped 0"
    );
    let changes = registry.changes_since(1).unwrap();
    assert_eq!(changes.removed, [crate::dispatch::facts::RowId::Subject("S-0001".parse().unwrap())]);
    assert_eq!(changes.put.len(), 3);
}

#[test]
fn erasing_twice_ends_where_once_would_and_a_stranger_is_refused() {
    let (dir, mut registry) = settled();
    let mut vault = Vault::open(dir.path()).unwrap();
    let her = "S-0001".parse().unwrap();
    registry.erase(&mut vault, &her, &[], BY).unwrap();
    vault.keep(&[value(1, Some("S-0001"), "沈阿婆")]).unwrap();
    let again = registry.erase(&mut vault, &her, &[], BY).unwrap();
    assert_eq!((again.before, again.private_values, again.version), (true, 1, registry.version().unwrap()));
    assert_eq!(files_with(dir.path(), "沈阿婆"), [""; 0]);
    let error = registry.erase(&mut vault, &"S-7".parse().unwrap(), &[], BY).unwrap_err();
    assert!(matches!(error, EraseError::Unknown { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "no subject `S-7` in the registry, expected one that is or was there; correct --subject"
    );
}

#[test]
fn an_account_of_her_device_ends_with_it_and_one_of_a_reused_device_stays() {
    let (dir, mut registry) = settled();
    let mut vault = Vault::open(dir.path()).unwrap();
    let mut rng = StdRng::seed_from_u64(1);
    let account = Account {
        name: "her-watch".parse().unwrap(),
        role: Role::Device,
        districts: [].into(),
        responder: None,
        device: Some("watch:8800000015".parse().unwrap()),
    };
    registry.add_account(&account, &mut rng, BY).unwrap();
    registry.open_session(&account.name, BY.at, BY.at.after_s(60), &mut rng).unwrap().unwrap();
    let erased = registry.erase(&mut vault, &"S-0001".parse().unwrap(), &[], BY).unwrap();
    assert_eq!(erased.accounts, [account.name]);
    assert_eq!(registry.accounts().unwrap().iter().count(), 0);
    assert_eq!(registry.purge_sessions(Timestamp::from_ms(i64::MAX)).unwrap(), 0);
    assert_eq!(files_with(dir.path(), "8800000015"), [""; 0]);
}

#[test]
fn a_reader_of_an_old_state_is_waited_for_and_told() {
    let (dir, mut registry) = settled();
    let mut vault = Vault::open(dir.path()).unwrap();
    let other = Registry::open(dir.path()).unwrap();
    conn(&registry).busy_timeout(std::time::Duration::from_millis(1)).unwrap();
    let reading = conn(&other).unchecked_transaction().unwrap();
    let _: i64 = reading.query_row("SELECT count(*) FROM subject", [], |row| row.get(0)).unwrap();
    let her = "S-0001".parse().unwrap();
    assert!(matches!(registry.erase(&mut vault, &her, &[], BY), Err(EraseError::StillRead { .. })));
    drop(reading);
    assert!(registry.erase(&mut vault, &her, &[], BY).unwrap().before);
    assert_eq!(files_with(dir.path(), "沈阿婆"), [""; 0]);
}

fn value(seed: u64, subject: Option<&str>, value: &str) -> PrivateRow {
    let subject = subject.map(|id| id.parse().unwrap());
    PrivateRow::new(&mut StdRng::seed_from_u64(seed), BY.at, subject, "note", value.to_owned())
}
