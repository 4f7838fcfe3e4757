//! Seals what travels: names, numbers and addresses are in it, and whoever can write to Redis must not be able to send
//! help elsewhere. Keys derive from the registry's; each process has one of its own and counts, so that no nonce comes
//! twice. Bound to the stream it was sealed for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};

use crate::registry::FingerprintKey;

/// Bytes that name the process which sealed.
const SENDER: usize = 16;

/// Bytes of its counter.
const COUNTER: usize = 8;

/// Keys of other processes that are kept: more processes than ever run at once.
const SENDERS_MAX: usize = 1_024;

pub struct Sealer {
    root: FingerprintKey,
    sender: [u8; SENDER],
    key: LessSafeKey,
    sealed: AtomicU64,
    others: Mutex<HashMap<[u8; SENDER], Arc<LessSafeKey>>>,
}

impl Sealer {
    /// For this process alone; another one draws another sender.
    pub fn new(root: FingerprintKey) -> Self {
        let sender = rand::random();
        let key = derive(&root, &sender);
        Self { root, sender, key, sealed: AtomicU64::new(0), others: Mutex::default() }
    }

    /// `place`: the stream for which it is.
    pub(super) fn seal(&self, place: &str, mut text: Vec<u8>) -> Vec<u8> {
        let count = self.sealed.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        self.key
            .seal_in_place_append_tag(nonce(count), Aad::from(place), &mut text)
            .expect("a message of a few kilobytes is shorter than the cipher's limit");
        let mut sealed = Vec::with_capacity(SENDER + COUNTER + text.len());
        sealed.extend_from_slice(&self.sender);
        sealed.extend_from_slice(&count);
        sealed.append(&mut text);
        sealed
    }

    /// `None` where nobody of ours sealed it, or for another stream.
    pub(super) fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (sender, rest) = sealed.split_first_chunk::<SENDER>()?;
        let (count, text) = rest.split_first_chunk::<COUNTER>()?;
        let mut text = text.to_vec();
        let opened = self.key_of(sender).open_in_place(nonce(*count), Aad::from(place), &mut text).ok()?.len();
        text.truncate(opened);
        Some(text)
    }

    fn key_of(&self, sender: &[u8; SENDER]) -> Arc<LessSafeKey> {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = others.get(sender) {
            return known.clone();
        }
        if others.len() >= SENDERS_MAX {
            others.clear();
        }
        let key = Arc::new(derive(&self.root, sender));
        others.insert(*sender, key.clone());
        key
    }
}

fn derive(root: &FingerprintKey, sender: &[u8; SENDER]) -> LessSafeKey {
    let bytes = root.digest(&[b"bus", sender]);
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, &bytes).expect("the cipher takes 32 bytes"))
}

fn nonce(count: [u8; COUNTER]) -> Nonce {
    let mut bytes = [0; 12];
    bytes[12 - COUNTER..].copy_from_slice(&count);
    Nonce::assume_unique_for_key(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(root: u8) -> Sealer {
        Sealer::new(FingerprintKey::new([root; 32]))
    }

    #[test]
    fn another_process_of_the_same_registry_opens_it() {
        let sealed = sealer(1).seal("a", b"Dongshan 1".to_vec());
        assert!(!sealed.windows(8).any(|it| it == b"Dongshan"));
        assert_eq!(sealer(1).open("a", &sealed).unwrap(), b"Dongshan 1");
    }

    #[test]
    fn nobody_else_opens_or_makes_one() {
        let one = sealer(1);
        let sealed = one.seal("a", b"x".to_vec());
        assert_eq!(sealer(2).open("a", &sealed), None, "another registry");
        assert_eq!(one.open("b", &sealed), None, "another stream");
        for at in 0..sealed.len() {
            let mut spoilt = sealed.clone();
            spoilt[at] ^= 1;
            assert_eq!(one.open("a", &spoilt), None, "byte {at} was changed");
        }
        assert_eq!(one.open("a", &sealed[..30]), None);
    }

    #[test]
    fn the_same_text_is_never_sealed_alike() {
        let one = sealer(1);
        assert_ne!(one.seal("a", b"x".to_vec()), one.seal("a", b"x".to_vec()));
    }
}
