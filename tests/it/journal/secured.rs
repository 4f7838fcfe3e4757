//! A line to PostgreSQL that is secured: to a server whose name somebody trusted has signed, and to no other.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tidewatch::journal::{EventLog, EventReader, PostgresLog};

use super::{code, entry};
use crate::postgres::{address, never_lost, ownership, servers, sql};

/// Somebody who signs, and whose own certificate lies in a file.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let (mut params, key) = (CertificateParams::new([]).unwrap(), KeyPair::generate().unwrap());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A certificate for a server of this name, and its key, both in PEM.
    fn signs(&self, name: &str) -> (String, String) {
        let (params, key) = (CertificateParams::new([name.to_owned()]).unwrap(), KeyPair::generate().unwrap());
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }

    fn in_file(&self, file: &Path) {
        std::fs::write(file, &self.pem).unwrap();
    }
}

#[test]
fn a_secured_line_carries_the_record_and_a_stranger_is_not_spoken_to() {
    let (ours, other) = (Authority::new(), Authority::new());
    let (certificate, key) = ours.signs("127.0.0.1");
    let server = servers::postgres_over_tls(&certificate, &key).unwrap();
    let plain = address(server.port, "postgres");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let secured = format!("{plain}?sslmode=verify-full&sslrootcert={}", file.display());

    ours.in_file(&file);
    let mut log = PostgresLog::open(ownership(&secured), &[], never_lost()).unwrap();
    log.append(&[entry("330481", 1), entry("330481", 2)]).unwrap();
    assert_eq!(log.heads().unwrap()[&code("330481")].seq, 2);
    let lines = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                 WHERE application_name = 'tidewatch'";
    assert_eq!(sql(&plain, lines), ["t"], "every line of ours is secured");
    drop(log);

    other.in_file(&file);
    let refused = PostgresLog::open(ownership(&secured), &[], never_lost()).err().expect("a stranger").to_string();
    assert!(refused.contains("invalid peer certificate"), "{refused}");

    ours.in_file(&file);
    let by_name = secured.replace("127.0.0.1", "localhost");
    let refused = PostgresLog::open(ownership(&by_name), &[], never_lost()).err().expect("another name").to_string();
    assert!(refused.contains("certificate not valid for name"), "{refused}");

    std::fs::write(&file, "no certificate").unwrap();
    let refused = PostgresLog::open(ownership(&secured), &[], never_lost()).err().expect("nobody").to_string();
    assert!(refused.contains("ca.pem has no certificate; expected are certificates in PEM"), "{refused}");
}
