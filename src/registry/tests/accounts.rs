use rand::SeedableRng;
use rand::rngs::StdRng;

use super::{BY, files_with, settled};
use crate::domain::{Role, Timestamp};
use crate::registry::{Account, Registry};

#[test]
fn a_secret_opens_its_account_and_is_nowhere_in_the_files() {
    let (dir, mut registry) = settled();
    let secret = registry.add_account(&account("li", Role::Operator), &mut rng(1), BY).unwrap();
    let accounts = registry.accounts().unwrap();
    assert_eq!(accounts.by_secret(secret.expose()).unwrap().name.as_str(), "li");
    assert_eq!(accounts.sign_in(&"li".parse().unwrap(), secret.expose()).unwrap().role, Role::Operator);
    assert!(accounts.sign_in(&"li".parse().unwrap(), "tw_wrong").is_none());
    assert!(accounts.sign_in(&"wang".parse().unwrap(), secret.expose()).is_none());
    assert!(accounts.by_secret("").is_none());
    let (now, later) = (BY.at, BY.at.after_s(60));
    let (token, session) = registry.open_session(&"li".parse().unwrap(), now, later, &mut rng(2)).unwrap().unwrap();
    for hidden in [secret.expose(), token.expose(), &session.csrf] {
        assert_eq!(files_with(dir.path(), hidden), [""; 0]);
        assert_eq!(files_with(dir.path(), &hidden[3..]), [""; 0]);
    }
}

#[test]
fn an_account_that_could_not_be_used_is_refused() {
    let (_dir, mut registry) = settled();
    let base = |role| account("li", role);
    check(&mut registry, base(Role::Operator), "ok");
    check(
        &mut registry,
        base(Role::Ops),
        "found an account `li` already, expected a new name; choose another, or revoke it first",
    );
    let base = |role| account("wang", role);
    check(&mut registry, base(Role::Responder), "role responder without --responder, expected --responder ID; add it");
    check(
        &mut registry,
        base(Role::Device),
        "role device without --device, expected --device PROTOCOL:IDENTITY; add it",
    );
    let with = |role, responder: &str| Account { responder: Some(responder.parse().unwrap()), ..base(role) };
    check(
        &mut registry,
        with(Role::Operator, "R-001"),
        "role operator with --responder, expected --responder with role responder only; leave it out",
    );
    check(
        &mut registry,
        with(Role::Responder, "R-9"),
        "no responder `R-9` in the registry, expected one that exists; import it first or correct --responder",
    );
    let within = |code: &str| Account { districts: [code.parse().unwrap()].into(), ..base(Role::Operator) };
    check(
        &mut registry,
        within("330482"),
        "no district `330482` in the registry, expected one that exists; import it first or correct --district",
    );
    check(&mut registry, with(Role::Responder, "R-001"), "ok");
    let device = Account { device: Some("http:1".parse().unwrap()), ..account("w", Role::Gateway) };
    check(&mut registry, device, "role gateway with --device, expected --device with role device only; leave it out");
    let reach = |code: &str| {
        account("x", Role::Ops).reaches(code.parse().unwrap()) && !within("330481").reaches("330482".parse().unwrap())
    };
    assert!(reach("330481"));
}

#[test]
fn revoking_ends_the_account_and_its_sessions_for_other_processes_too() {
    let (dir, mut registry) = settled();
    let server = Registry::open(dir.path()).unwrap();
    let secret = registry.add_account(&account("li", Role::Operator), &mut rng(1), BY).unwrap();
    let li = "li".parse().unwrap();
    let (token, _) = registry.open_session(&li, BY.at, BY.at.after_s(60), &mut rng(2)).unwrap().unwrap();
    let before = server.accounts().unwrap();
    assert!(before.by_secret(secret.expose()).is_some());
    assert!(server.find_session(token.expose(), BY.at).unwrap().is_some());
    registry.revoke_account(&li, BY).unwrap();
    assert!(server.version().unwrap() > before.version, "a server polls the version");
    assert!(server.accounts().unwrap().by_secret(secret.expose()).is_none());
    assert_eq!(server.find_session(token.expose(), BY.at).unwrap(), None);
    assert!(registry.open_session(&li, BY.at, BY.at.after_s(60), &mut rng(3)).unwrap().is_none());
    let error = registry.revoke_account(&li, BY).unwrap_err().to_string();
    assert_eq!(error, "there is no account `li`, expected the name of one; `tidewatch account list` shows them");
    check(&mut registry, account("li", Role::Operator), "ok");
}

#[test]
fn a_session_ends_at_its_instant_and_on_request() {
    let (_dir, mut registry) = settled();
    registry.add_account(&account("li", Role::Operator), &mut rng(1), BY).unwrap();
    let (li, now) = ("li".parse().unwrap(), BY.at);
    let (token, session) = registry.open_session(&li, now, now.after_s(10), &mut rng(2)).unwrap().unwrap();
    let (other, _) = registry.open_session(&li, now, now.after_s(20), &mut rng(3)).unwrap().unwrap();
    assert_eq!(registry.find_session(token.expose(), now.after_ms(9_999)).unwrap(), Some(session));
    assert_eq!(registry.find_session(token.expose(), now.after_s(10)).unwrap(), None);
    assert_eq!(registry.purge_sessions(now.after_s(10)).unwrap(), 1);
    assert!(registry.end_session(other.expose()).unwrap());
    assert!(!registry.end_session(other.expose()).unwrap());
}

#[test]
fn the_oldest_session_of_an_account_makes_room() {
    let (_dir, mut registry) = settled();
    registry.add_account(&account("li", Role::Operator), &mut rng(1), BY).unwrap();
    let expires_at = Timestamp::from_ms(1_000_000);
    let mut tokens = Vec::new();
    for n in 0..33 {
        let at = Timestamp::from_ms(n);
        let seed = rng(100 + n.cast_unsigned());
        tokens.push(registry.open_session(&"li".parse().unwrap(), at, expires_at, &mut { seed }).unwrap().unwrap().0);
    }
    let open = |token: &crate::registry::Secret| registry.find_session(token.expose(), BY.at).unwrap().is_some();
    assert_eq!(tokens.iter().map(open).filter(|open| *open).count(), 32);
    assert!(!open(&tokens[0]));
}

#[test]
fn the_audit_is_read_newest_first_in_pages_and_by_district() {
    let (_dir, mut registry) = settled();
    let (haining, other) = ("330481".parse().unwrap(), "330482".parse().unwrap());
    for (n, district) in [haining, other, haining].into_iter().enumerate() {
        let entry = crate::registry::AuditEntry::of(BY, "refused").within(district).saying(format!("{n}"));
        registry.audit(&entry).unwrap();
    }
    let details = |registry: &Registry, before, limit, districts: &[_]| -> Vec<(u64, String)> {
        let page = registry.audit_page(before, limit, districts).unwrap();
        page.into_iter().map(|it| (it.seq, it.entry.detail.unwrap())).collect()
    };
    let page = details(&registry, None, 2, &[]);
    assert_eq!(page.iter().map(|(_, it)| it.as_str()).collect::<Vec<_>>(), ["2", "1"]);
    assert_eq!(details(&registry, Some(page[1].0), 1, &[])[0].1, "0");
    assert_eq!(
        details(&registry, None, 2, &[haining]).iter().map(|(_, it)| it.as_str()).collect::<Vec<_>>(),
        ["2", "0"]
    );
}

fn check(registry: &mut Registry, account: Account, expected: &str) {
    let told = registry.add_account(&account, &mut rng(7), BY).map_or_else(|error| error.to_string(), |_| "ok".into());
    assert_eq!(told, expected);
}

fn account(name: &str, role: Role) -> Account {
    Account { name: name.parse().unwrap(), role, districts: [].into(), responder: None, device: None }
}

fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}
