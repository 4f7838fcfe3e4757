//! Random days of a registry, lived in a file and in a server at once.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tidewatch::domain::{Channel, DistrictCode, Role, SignalKind, Timestamp, TryOutcome};
use tidewatch::registry::{Account, AuditEntry, By, Registry, Secret, Table, Target};

use super::{BY, Kept, audited, in_file, in_server, read, take, told, world};

/// One thing that somebody does. Numbers are small, so that they meet.
#[derive(Debug, Clone)]
enum Step {
    Import {
        subject: u32,
        premises: u32,
        phone: u32,
        device: Option<u32>,
    },
    /// An import by an account of another district, or a trial.
    ImportWithin {
        subject: u32,
        reach: bool,
        dry_run: bool,
    },
    /// Changes the premises of that number on the version that holds, or on one that was overtaken.
    Put {
        premises: u32,
        overtaken: bool,
    },
    End {
        table: usize,
        n: u32,
    },
    Erase {
        subject: u32,
    },
    AddAccount {
        n: u32,
        of_device: bool,
    },
    Revoke {
        n: u32,
    },
    SignIn {
        n: u32,
        at_s: u32,
    },
    /// Looks for the session that was begun last, and may end it.
    Session {
        at_s: u32,
        end: bool,
    },
    Purge {
        at_s: u32,
    },
    TestChannel {
        n: u32,
        phone: bool,
        answer: u32,
        at_s: u32,
    },
    Confirm {
        n: u32,
        answer: u32,
        at_s: u32,
    },
    NoteChannel {
        n: u32,
        phone: bool,
        outcome: usize,
    },
    Unknown {
        device: u32,
        fall: bool,
        at_s: u32,
    },
    Audit {
        district: Option<u32>,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let n = || 0..4_u32;
    prop_oneof![
        5 => (n(), n(), n(), prop::option::of(n()))
            .prop_map(|(subject, premises, phone, device)| Step::Import { subject, premises, phone, device }),
        1 => (n(), any::<bool>(), any::<bool>())
            .prop_map(|(subject, reach, dry_run)| Step::ImportWithin { subject, reach, dry_run }),
        2 => (n(), any::<bool>()).prop_map(|(premises, overtaken)| Step::Put { premises, overtaken }),
        2 => (0..5_usize, n()).prop_map(|(table, n)| Step::End { table, n }),
        1 => n().prop_map(|subject| Step::Erase { subject }),
        2 => (n(), any::<bool>()).prop_map(|(n, of_device)| Step::AddAccount { n, of_device }),
        1 => n().prop_map(|n| Step::Revoke { n }),
        2 => (n(), n()).prop_map(|(n, at_s)| Step::SignIn { n, at_s }),
        2 => (n(), any::<bool>()).prop_map(|(at_s, end)| Step::Session { at_s, end }),
        1 => n().prop_map(|at_s| Step::Purge { at_s }),
        2 => (n(), any::<bool>(), n(), n())
            .prop_map(|(n, phone, answer, at_s)| Step::TestChannel { n, phone, answer, at_s }),
        2 => (n(), n(), n()).prop_map(|(n, answer, at_s)| Step::Confirm { n, answer, at_s }),
        1 => (n(), any::<bool>(), 0..5_usize).prop_map(|(n, phone, outcome)| Step::NoteChannel { n, phone, outcome }),
        2 => (n(), any::<bool>(), n()).prop_map(|(device, fall, at_s)| Step::Unknown { device, fall, at_s }),
        1 => prop::option::of(n()).prop_map(|district| Step::Audit { district }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]
    #[test]
    fn a_file_and_a_server_tell_the_same(steps in prop::collection::vec(step(), 1..40)) {
        let (file, (server, _)) = (in_file(), in_server());
        let mut both = [file, server].map(|it| Day { it, rng: StdRng::seed_from_u64(7), session: None });
        for (nth, step) in steps.iter().enumerate() {
            let [file, server] = both.each_mut().map(|day| day.live(step));
            prop_assert_eq!(file, server, "step {}: {:?}", nth, step);
        }
        let [file, server] = both.each_ref().map(|day| told(&day.it.registry));
        prop_assert_eq!(file, server);
    }
}

struct Day {
    it: Kept,
    rng: StdRng,
    session: Option<Secret>,
}

impl Day {
    /// What came of it, in words.
    fn live(&mut self, step: &Step) -> String {
        let Kept { registry, vault, .. } = &mut self.it;
        match *step {
            Step::Import { subject, premises, phone, device } => {
                said(take(registry, &world(subject, premises, phone, device)))
            }
            Step::ImportWithin { subject, reach, dry_run } => {
                let theirs: BTreeSet<DistrictCode> = [code(u32::from(reach))].into();
                said(registry.import_within(&[read(&world(subject, 3, subject, None))], &theirs, dry_run, BY))
            }
            Step::Put { premises, overtaken } => put(registry, premises, overtaken),
            Step::End { table, n } => end(registry, Table::ALL[table], n),
            Step::Erase { subject } => {
                said(registry.erase(&mut **vault, &format!("S-{subject}").parse().unwrap(), &[], BY))
            }
            Step::AddAccount { n, of_device } => {
                said(registry.add_account(&account(n, of_device), &mut self.rng, BY).map(|it| it.expose().to_owned()))
            }
            Step::Revoke { n } => said(registry.revoke_account(&format!("a{n}").parse().unwrap(), BY)),
            Step::SignIn { n, at_s } => {
                let begun =
                    registry.open_session(&format!("a{n}").parse().unwrap(), at(at_s), at(at_s + 2), &mut self.rng);
                let Some((token, session)) = begun.unwrap() else { return "no account".to_owned() };
                let told = format!("{} {} {:?}", token.expose(), session.account, session.expires_at);
                self.session = Some(token);
                told
            }
            Step::Session { at_s, end } => {
                let Some(token) = &self.session else { return String::new() };
                let found = registry.find_session(token.expose(), at(at_s)).unwrap();
                let found = found.map(|it| (it.account, it.expires_at));
                let ended = end.then(|| registry.end_session(token.expose()).unwrap());
                format!("{found:?} {ended:?}")
            }
            Step::Purge { at_s } => said(registry.purge_sessions(at(at_s))),
            Step::TestChannel { n, phone, answer, at_s } => {
                let (target, answer) = (target(phone, answer), answer.to_string());
                said(registry.begin_channel_test(&responder(n), channel(phone), &target, &answer, at(at_s)))
            }
            Step::Confirm { n, answer, at_s } => {
                said(registry.confirm_channel(&responder(n), &answer.to_string(), at(at_s * 400)))
            }
            Step::NoteChannel { n, phone, outcome } => {
                use TryOutcome::{Failed, Gone, NoAnswer, Refused, Sent};
                let outcome = [Sent, NoAnswer, Refused, Gone, Failed][outcome];
                said(registry.note_channel(&responder(n), channel(phone), &target(phone, n), outcome, at(9)))
            }
            Step::Unknown { device, fall, at_s } => {
                // Some are the telephones and bracelets of the homes, which an erasure must find.
                let name = if fall { format!("watch:88{device:08}") } else { format!("tel:+86573870{device:05}") };
                let kind = if fall { SignalKind::Fall } else { SignalKind::Sos };
                said(registry.note_unknown_device(&name.parse().unwrap(), kind, at(at_s)))
            }
            Step::Audit { district } => {
                let entry = AuditEntry::of(By { actor: "kira", at: at(1) }, "refused").saying("GET /x");
                let entry = district.map_or(entry.clone(), |it| entry.within(code(it)));
                registry.audit(&entry).unwrap();
                format!("{:?}", audited(registry, &[code(1), code(2)]))
            }
        }
    }
}

fn put(registry: &mut Registry, premises: u32, overtaken: bool) -> String {
    let id = format!("P-{premises}");
    let held = registry.held(Table::Premises, &id).unwrap().map(|it| it.version);
    let on = if overtaken { held.map(|it| it + 1) } else { held };
    let row = format!(
        "[[premises]]\nid = \"{id}\"\ndistrict = \"990101\"\nclass = \"rural\"\naddress = \"moved\"\nlat = 30.5\nlon = 120.6\n"
    );
    said(registry.put_row(&read(&row), on, &BTreeSet::new(), BY))
}

fn end(registry: &mut Registry, table: Table, n: u32) -> String {
    let id = match table {
        Table::District => "990101".to_owned(),
        Table::Premises => format!("P-{n}"),
        Table::Subject => format!("S-{n}"),
        Table::Device => format!("D-{n}"),
        Table::Responder => format!("R-{n}"),
    };
    let held = registry.held(table, &id).unwrap();
    let ended = registry.end_row(table, &id, held.as_ref().map_or(1, |it| it.version), &BTreeSet::new(), BY);
    format!("{held:?} {}", said(ended))
}

fn account(n: u32, of_device: bool) -> Account {
    let name = format!("a{n}").parse().unwrap();
    if of_device {
        let device = Some(format!("watch:88{n:08}").parse().unwrap());
        return Account { name, role: Role::Device, districts: BTreeSet::new(), responder: None, device };
    }
    let responder = Some(responder(n));
    Account { name, role: Role::Responder, districts: [code(1)].into(), responder, device: None }
}

fn responder(n: u32) -> tidewatch::domain::ResponderId {
    format!("R-{n}").parse().unwrap()
}

fn channel(phone: bool) -> Channel {
    if phone { Channel::Sms } else { Channel::Push }
}

fn target(phone: bool, n: u32) -> Target {
    if phone { Target::Phone } else { Target::Browser(format!("{{\"endpoint\": \"\\u0000{n}\"}}")) }
}

fn code(n: u32) -> DistrictCode {
    format!("99010{n}").parse().unwrap()
}

fn at(s: u32) -> Timestamp {
    Timestamp::from_ms(i64::from(s) * 1000)
}

/// Errors in their own words, which name no place.
fn said<T: std::fmt::Debug, E: std::fmt::Display>(result: Result<T, E>) -> String {
    match result {
        Ok(it) => format!("{it:?}"),
        Err(error) => format!("error: {error}"),
    }
}
