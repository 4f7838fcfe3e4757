//! From one store into another: every byte, and nothing over anything.

use tidewatch::journal::{ArchiveRow, copy_record};

use super::stores::every_store;
use super::{all, code, entry, verified};

#[test]
fn a_record_is_the_same_in_every_store_and_a_copy_goes_on_where_it_ended() {
    for from in every_store() {
        let mut source = from.log();
        source.append(&[entry("330481", 1), entry("330481", 2), entry("330482", 1)]).unwrap();
        let row = ArchiveRow { district: code("330481"), number: 3, closed_seq: 2, body: "{}".to_owned() };
        source.archive(std::slice::from_ref(&row)).unwrap();
        for to in every_store() {
            let mut target = to.log();
            for district in ["330481", "330482"] {
                let head = copy_record(&*source, &mut *target, code(district)).unwrap();
                assert_eq!(source.heads().unwrap()[&code(district)], head);
            }
            assert_eq!(all(&*target), all(&*source));
            assert_eq!(target.archived(code("330481"), 3).unwrap(), Some(row.clone()));
            verified(&*to.reader());
        }
        let to = every_store().pop().unwrap();
        let mut target = to.log();
        copy_record(&*source, &mut *target, code("330481")).unwrap();
        source.append(&[entry("330481", 3)]).unwrap();
        copy_record(&*source, &mut *target, code("330481")).unwrap();
        assert_eq!(target.heads().unwrap()[&code("330481")], source.heads().unwrap()[&code("330481")]);
    }
}

#[test]
fn another_record_of_the_same_district_is_not_written_over_or_after() {
    for from in every_store() {
        let mut source = from.log();
        source.append(&[entry("330481", 1), entry("330481", 2)]).unwrap();
        for to in every_store() {
            let mut target = to.log();
            let mut other = entry("330481", 1);
            other.body.push(' ');
            target.append(&[other]).unwrap();
            let told = copy_record(&*source, &mut *target, code("330481")).unwrap_err().to_string();
            let expect = "district=330481: the other store has another record of it: nothing is ever overwritten, give \
                          an empty one";
            assert_eq!(told, expect);
            assert_eq!(all(&*target).len(), 1);
        }
    }
}
