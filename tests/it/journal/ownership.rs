//! A district has one owner: nobody else writes, and who has lost it hears so.

use std::sync::Arc;
use std::sync::mpsc::channel;

use tidewatch::journal::{AppendError, EventLog, EventReader, LogError, PostgresLog, PostgresReader};

use super::{all, code, entry, verified};
use crate::postgres::{database, log, never_lost, ownership, sql};
use crate::service::SOON;

#[test]
fn a_second_owner_is_refused_while_the_first_lives_and_follows_at_once_when_it_has_gone() {
    let url = database();
    let mut first = log(&url);
    first.append(&[entry("330481", 1)]).unwrap();
    let refused = PostgresLog::open(ownership(&url), &[code("330481")], never_lost()).map(drop).unwrap_err();
    let told = refused.to_string();
    assert!(matches!(refused, LogError::Held { .. }), "{told}");
    assert!(told.starts_with("district=330481: `a test "), "{told}");
    first.append(&[entry("330481", 2)]).unwrap();
    let kept = all(&first);
    drop(first);
    let held = sql(&url, "SELECT district FROM tidewatch.lease WHERE held_until > clock_timestamp()");
    assert_eq!(held, Vec::<String>::new(), "an owner that ended well still holds");
    let mut second = log(&url);
    assert_eq!(all(&second), kept);
    second.append(&[entry("330481", 3)]).unwrap();
    assert_eq!(sql(&url, "SELECT DISTINCT epoch FROM tidewatch.event ORDER BY epoch"), ["1", "2"]);
    verified(&second);
}

#[test]
fn whoever_was_followed_by_another_writes_nothing_more_and_hears_so() {
    let url = database();
    let (tell, lost) = channel();
    let tell = std::sync::Mutex::new(tell);
    let on_lost = Arc::new(move |why: &str| drop(tell.lock().unwrap().send(why.to_owned())));
    let mut stale = PostgresLog::open(ownership(&url), &[code("330481")], on_lost).unwrap();
    stale.append(&[entry("330481", 1)]).unwrap();
    // As if it had been stopped for longer than its lease.
    sql(&url, "UPDATE tidewatch.lease SET held_until = clock_timestamp()");
    let mut next = log(&url);
    next.append(&[entry("330481", 2)]).unwrap();
    let refused = stale.append(&[entry("330481", 2)]).unwrap_err();
    assert!(matches!(refused, AppendError::Refused(LogError::LeaseLost { .. })), "{refused}");
    assert_eq!(lost.recv_timeout(SOON).unwrap(), "the lease of district 330481 is another's");
    assert!(matches!(stale.probe(), Err(AppendError::Refused(_))));
    // Its end gives up nothing that is another's.
    drop(stale);
    next.append(&[entry("330481", 3)]).unwrap();
    assert_eq!(verified(&next)[&code("330481")].seq, 3);
}

#[test]
fn an_epoch_that_is_not_ours_any_more_is_refused_before_anything_is_written() {
    let url = database();
    let mut log = log(&url);
    log.append(&[entry("330481", 1), entry("330482", 1)]).unwrap();
    sql(&url, "UPDATE tidewatch.lease SET epoch = epoch + 1 WHERE district = 330482");
    let refused = log.append(&[entry("330481", 2), entry("330482", 2)]).unwrap_err();
    assert!(matches!(refused, AppendError::Refused(_)), "{refused}");
    assert_eq!(sql(&url, "SELECT count(*) FROM tidewatch.event"), ["2"], "half of a batch was written");
}

#[test]
fn a_batch_that_the_server_refuses_leaves_nothing_open_and_the_next_one_goes_through() {
    let url = database();
    let mut log = log(&url);
    log.append(&[entry("330481", 1)]).unwrap();
    sql(&url, "INSERT INTO tidewatch.event VALUES (330481, 3, '', '', 0)");
    let refused = log.append(&[entry("330481", 2), entry("330481", 3)]).unwrap_err();
    assert!(matches!(refused, AppendError::Definite(LogError::Server { .. })), "{refused}");
    sql(&url, "DELETE FROM tidewatch.event WHERE seq = 3");
    log.append(&[entry("330481", 2), entry("330481", 3)]).unwrap();
    assert_eq!(verified(&log)[&code("330481")].seq, 3);
}

#[test]
fn what_was_cut_off_in_the_server_is_found_by_its_lease() {
    let url = database();
    let mut log = log(&url);
    log.append(&[entry("330481", 1), entry("330481", 2)]).unwrap();
    drop(log);
    sql(&url, "DELETE FROM tidewatch.event WHERE seq = 2");
    let told = "district=330481: the record ends at 1, its lease at 2: it was cut off, or changed beside us";
    let reader = PostgresReader::open(&url.parse().unwrap()).unwrap();
    assert_eq!(reader.heads().unwrap_err().to_string(), told);
    let opened = PostgresLog::open(ownership(&url), &[], never_lost()).map(drop);
    assert_eq!(opened.unwrap_err().to_string(), told);
}

#[test]
fn a_server_is_read_by_nobody_before_its_tables_are_made_and_never_by_an_older_program() {
    let url = database();
    let refused = |url: &str| PostgresReader::open(&url.parse().unwrap()).map(drop).unwrap_err().to_string();
    assert_eq!(
        refused(&url),
        format!("{url} has format 0, expected 3: start `serve` on it once, which makes or upgrades it")
    );
    drop(log(&url));
    sql(&url, "INSERT INTO tidewatch.migration VALUES (9, now())");
    let newer = format!("{url} has format 9, expected 3 or less: it was written by a newer tidewatch, start that one");
    assert_eq!(refused(&url), newer);
    assert_eq!(PostgresLog::open(ownership(&url), &[], never_lost()).map(drop).unwrap_err().to_string(), newer);
}
