//! The one cryptography under TLS, ring, which the journal's hashes use too; and whom a line of ours trusts.

use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// To be called before the first HTTP client is made; again it does nothing.
pub fn begin() {
    // Whoever was first has installed the same.
    rustls::crypto::ring::default_provider().install_default().ok();
}

/// Why nobody can be trusted.
#[derive(Debug, thiserror::Error)]
pub enum NoTrust {
    #[error("{file}: {why}; expected are certificates in PEM", file = file.display())]
    Unread { file: PathBuf, why: String },
    #[error("{file} has no certificate; expected are certificates in PEM", file = file.display())]
    Empty { file: PathBuf },
    #[error("this machine trusts nobody: install ca-certificates, or name a file with sslrootcert=FILE")]
    NobodyAtAll,
}

/// For clients that trust whom the certificates of `roots` name, or whom this machine trusts. Read anew each time, so that
/// certificates can be exchanged while we run.
pub fn trusting(roots: Option<&Path>) -> Result<ClientConfig, NoTrust> {
    begin();
    let mut store = RootCertStore::empty();
    match roots {
        Some(file) => {
            let unread = |why: String| NoTrust::Unread { file: file.to_owned(), why };
            for it in CertificateDer::pem_file_iter(file).map_err(|error| unread(error.to_string()))? {
                let certificate = it.map_err(|error| unread(error.to_string()))?;
                store.add(certificate).map_err(|error| unread(error.to_string()))?;
            }
            if store.is_empty() {
                return Err(NoTrust::Empty { file: file.to_owned() });
            }
        }
        None => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if store.is_empty() {
                return Err(NoTrust::NobodyAtAll);
            }
        }
    }
    Ok(ClientConfig::builder().with_root_certificates(store).with_no_client_auth())
}
