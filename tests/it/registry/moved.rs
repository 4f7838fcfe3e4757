//! A registry that moves: whole, again without harm, and never over another.

use tidewatch::domain::{Role, SignalKind};
use tidewatch::registry::{Account, RegistryError};

use super::{BY, home, in_file, in_server, take, told};

#[test]
fn a_registry_moves_into_a_server_and_back_whole() {
    let (mut before, (mut server, _), mut after) = (in_file(), in_server(), in_file());
    take(&mut before.registry, &home(1)).unwrap();
    take(&mut before.registry, &home(2)).unwrap();
    let subject = "S-2".parse().unwrap();
    before.registry.erase(&mut *before.vault, &subject, &[], BY).unwrap();
    let name = "anna".parse().unwrap();
    let anna = Account { name, role: Role::Operator, districts: [].into(), responder: None, device: None };
    let secret = before.registry.add_account(&anna, &mut rand::rng(), BY).unwrap();
    let until = BY.at.after_s(60);
    let (token, begun) = before.registry.open_session(&anna.name, BY.at, until, &mut rand::rng()).unwrap().unwrap();
    before.registry.note_unknown_device(&"watch:1".parse().unwrap(), SignalKind::Sos, BY.at).unwrap();

    server.registry.take_over(&before.registry, "there").unwrap();
    assert_eq!(told(&server.registry), told(&before.registry));
    // The secret, the session and what was fingerprinted are known again.
    assert!(server.registry.accounts().unwrap().by_secret(secret.expose()).is_some());
    assert_eq!(server.registry.find_session(token.expose(), BY.at).unwrap(), Some(begun));
    let fingerprint = before.registry.fingerprint_key().fingerprint(&[b"x"]);
    assert_eq!(server.registry.fingerprint_key().fingerprint(&[b"x"]), fingerprint);

    // It goes on there, and comes back; the file from before gives way to what it has become.
    take(&mut server.registry, &home(3)).unwrap();
    after.registry.take_over(&server.registry, "a new folder").unwrap();
    before.registry.take_over(&server.registry, "the folder it came from").unwrap();
    for back in [&after.registry, &before.registry] {
        assert_eq!(told(back), told(&server.registry));
        assert_eq!(back.fingerprint_key().fingerprint(&[b"x"]), fingerprint);
    }
    before.registry.take_over(&server.registry, "once more").unwrap();
    assert_eq!(told(&before.registry), told(&server.registry));
}

#[test]
fn nothing_is_moved_over_another_registry_or_a_later_state() {
    let (mut file, (mut server, _)) = (in_file(), in_server());
    take(&mut file.registry, &home(1)).unwrap();
    take(&mut server.registry, &home(2)).unwrap();
    let before = told(&server.registry);
    let refused = server.registry.take_over(&file.registry, "there").unwrap_err();
    assert!(matches!(refused, RegistryError::Another { .. }), "{refused}");
    assert_eq!(told(&server.registry), before);

    let (mut fresh, _) = in_server();
    fresh.registry.take_over(&file.registry, "there").unwrap();
    take(&mut fresh.registry, &home(2)).unwrap();
    let refused = fresh.registry.take_over(&file.registry, "there").unwrap_err();
    assert!(matches!(refused, RegistryError::Another { .. }), "what has come in since would be lost: {refused}");
}
