//! The one cryptography under TLS: ring, which the journal's hashes use too.

/// To be called before the first HTTP client is made; again it does nothing.
pub fn begin() {
    // Whoever was first has installed the same.
    rustls::crypto::ring::default_provider().install_default().ok();
}
