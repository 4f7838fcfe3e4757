use super::{conn, settled, take};
use crate::domain::{SignalKind, Timestamp};
use crate::registry::{Registry, UNKNOWN_DEVICES_MAX};

#[test]
fn an_unknown_device_is_counted_until_it_is_registered() {
    let (_dir, mut registry) = settled();
    note(&mut registry, "http:a", SignalKind::Heartbeat, 1);
    note(&mut registry, "http:b", SignalKind::Test, 2);
    note(&mut registry, "http:a", SignalKind::LowBattery, 3);
    note(&mut registry, "http:a", SignalKind::Fault, 0);
    assert_eq!(list(&registry), ["http:a 1-3 3 low_battery", "http:b 2-2 1 test"]);
    let text = "[[device]]\nid = \"D-2\"\nsubject = \"S-0001\"\nprotocol = \"http\"\nidentity = \"a\"\n";
    take(&mut registry, &[text]).unwrap();
    assert_eq!(list(&registry), ["http:b 2-2 1 test"]);
}

#[test]
fn the_one_seen_longest_ago_makes_room() {
    let (_dir, mut registry) = settled();
    let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
               INSERT INTO unknown_device SELECT 'http:' || i, i, i, 1, 'test' FROM n";
    conn(&registry).execute(sql, [UNKNOWN_DEVICES_MAX as i64]).unwrap();
    note(&mut registry, "http:new", SignalKind::Sos, 1_000_000);
    let all = registry.unknown_devices(usize::MAX).unwrap();
    assert_eq!(all.len(), UNKNOWN_DEVICES_MAX);
    assert_eq!((all[0].name.identity.as_str(), all[UNKNOWN_DEVICES_MAX - 1].name.identity.as_str()), ("new", "2"));
}

fn note(registry: &mut Registry, name: &str, kind: SignalKind, at_ms: i64) {
    registry.note_unknown_device(&name.parse().unwrap(), kind, Timestamp::from_ms(at_ms)).unwrap();
}

fn list(registry: &Registry) -> Vec<String> {
    let line = |it: &crate::registry::UnknownDevice| {
        format!("{} {}-{} {} {}", it.name, it.first_at.ms(), it.last_at.ms(), it.count, it.last_kind)
    };
    registry.unknown_devices(10).unwrap().iter().map(line).collect()
}
