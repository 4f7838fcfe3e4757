//! The line is lost in the middle of a COMMIT: what came of it is found out, and nothing is written twice.

use tidewatch::domain::private::{PrivateId, PrivateRow};
use tidewatch::journal::{AppendError, EventLog, PostgresLog, PostgresReader, Settled};

use super::{all, code, entry, verified};
use crate::postgres::proxy::{Cut, Proxy};
use crate::postgres::{address, database, log, never_lost, ownership, parts, sql};

#[test]
fn a_commit_that_never_came_is_not_in_the_record_and_is_appended_again() {
    check(Cut::Before, false);
}

#[test]
fn a_commit_whose_answer_was_lost_is_in_the_record() {
    check(Cut::After, true);
}

#[test]
fn a_transaction_that_the_server_keeps_open_is_waited_for_and_then_refused() {
    check(Cut::Silently, false);
}

/// One batch of two districts, with a private value, through a line that is cut so.
fn check(cut: Cut, is_written: bool) {
    let url = database();
    let (port, name) = parts(&url);
    let proxy = Proxy::to(port);
    let mut log = PostgresLog::open(ownership(&address(proxy.port, name)), &[], never_lost()).unwrap();
    log.append(&[entry("330481", 1), entry("330482", 1)]).unwrap();
    let batch = [entry("330481", 2), entry("330482", 2), entry("330481", 3)];
    let (one, other) = ([batch[0].clone(), batch[2].clone()], [batch[1].clone()]);

    proxy.cut(cut);
    let unknown = log.append_with(&batch, &[private()]).unwrap_err();
    assert!(matches!(unknown, AppendError::Unknown(_)), "{cut:?}: {unknown}");
    assert!(proxy.has_cut());
    for part in [&one[..], &other] {
        match settle(&mut log, part) {
            Settled::Written(head) => assert!(is_written && head.seq == part.last().unwrap().seq, "{cut:?}"),
            Settled::Absent => {
                assert!(!is_written, "{cut:?}");
                log.append_with(part, &[private()]).unwrap();
            }
        }
    }
    assert_eq!(sql(&url, "SELECT count(*) FROM tidewatch.private"), ["1"], "{cut:?}");
    log.append(&[entry("330482", 3)]).unwrap();
    assert_eq!(all(&log).len(), 6, "{cut:?}");
    verified(&log);
}

#[test]
fn a_batch_that_comes_late_is_refused_by_the_raised_epoch() {
    let url = database();
    let (port, name) = parts(&url);
    let proxy = Proxy::to(port);
    let mut log = PostgresLog::open(ownership(&address(proxy.port, name)), &[], never_lost()).unwrap();
    log.append(&[entry("330481", 1)]).unwrap();
    proxy.cut(Cut::Late);
    assert!(matches!(log.append(&[entry("330481", 2)]), Err(AppendError::Unknown(_))));
    assert_eq!(settle(&mut log, &[entry("330481", 2)]), Settled::Absent);
    let late = proxy.deliver_late();
    let listening = format!("SELECT count(*) FROM pg_stat_activity WHERE client_port = {late}");
    let heard = (0..1_000).any(|_| sql(&url, &listening) == ["0"]);
    assert!(heard, "the server still reads what came late");
    assert_eq!(sql(&url, "SELECT max(seq) FROM tidewatch.event"), ["1"], "what was settled as absent has come");
    log.append(&[entry("330481", 2)]).unwrap();
    verified(&log);
}

#[test]
fn whoever_was_followed_meanwhile_steps_down_instead_of_settling() {
    let url = database();
    let (port, name) = parts(&url);
    let proxy = Proxy::to(port);
    let on_lost = std::sync::Arc::new(|_: &str| {});
    let mut stale = PostgresLog::open(ownership(&address(proxy.port, name)), &[code("330481")], on_lost).unwrap();
    proxy.cut(Cut::Before);
    assert!(matches!(stale.append(&[entry("330481", 1)]), Err(AppendError::Unknown(_))));
    sql(&url, "UPDATE tidewatch.lease SET held_until = clock_timestamp()");
    let mut next = log(&url);
    next.append(&[entry("330481", 1)]).unwrap();
    assert!(matches!(stale.settle(&[entry("330481", 1)]), Err(AppendError::Refused(_))));
    verified(&next);
}

#[test]
fn a_server_that_is_away_is_a_definite_failure() {
    let url = database();
    let (port, name) = parts(&url);
    let mut server = crate::postgres::servers::postgres().unwrap();
    let own = crate::postgres::database_on(server.port);
    assert_ne!((port, name), parts(&own));
    let mut log = log(&own);
    log.append(&[entry("330481", 1)]).unwrap();
    server.restart().unwrap();
    // The old line is found dead, or in the act of dying: both are told, and the next try goes through.
    match log.append(&[entry("330481", 2)]) {
        Ok(_) => {}
        Err(AppendError::Definite(_)) => drop(log.append(&[entry("330481", 2)]).unwrap()),
        Err(AppendError::Unknown(_)) => match settle(&mut log, &[entry("330481", 2)]) {
            Settled::Written(_) => panic!("a server that had gone has written"),
            Settled::Absent => drop(log.append(&[entry("330481", 2)]).unwrap()),
        },
        Err(other) => panic!("{other}"),
    }
    let own = own.clone();
    drop(server);
    let away = log.append(&[entry("330481", 3)]).map(drop);
    assert!(matches!(away, Err(AppendError::Definite(_) | AppendError::Unknown(_))), "{away:?}");
    let told = log.append(&[entry("330481", 3)]).unwrap_err().to_string();
    assert!(told.starts_with(&format!("nothing was written: appending to {own}: cannot be reached: ")), "{told}");
}

#[test]
fn private_values_are_in_the_commit_of_their_events() {
    let url = database();
    let mut log = log(&url);
    let zero = PrivateRow { value: "a\0b".to_owned(), ..private() };
    log.append_with(&[entry("330481", 1)], std::slice::from_ref(&zero)).unwrap();
    let reader = PostgresReader::open(&url.parse().unwrap()).unwrap();
    let absent = PrivateId(9);
    let found = reader.private_values(&[absent, zero.id]).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].0, found[0].1.value.as_str()), (zero.id, "a\0b"));
    sql(&url, "UPDATE tidewatch.lease SET epoch = 7");
    let other = PrivateRow { id: absent, ..private() };
    log.append_with(&[entry("330481", 2)], &[other]).unwrap_err();
    assert_eq!(reader.private_values(&[absent]).unwrap().len(), 0, "kept without its event");
}

fn private() -> PrivateRow {
    PrivateRow { id: PrivateId(7), subject: None, kind: "note".into(), salt: [1; 16], value: "gate 7".to_owned() }
}

/// Asked until it is known, as the engine does.
fn settle(log: &mut PostgresLog, batch: &[tidewatch::journal::Entry]) -> Settled {
    const TRIES: usize = 20;
    for _ in 0..TRIES {
        match log.settle(batch) {
            Ok(settled) => return settled,
            Err(AppendError::Unknown(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("not settled after {TRIES} tries");
}
