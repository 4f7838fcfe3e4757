//! The body of a web push, as RFC 8291 and RFC 8188 have it: only the browser that subscribed can read it.
//! Pure: the sender's key and the salt come in by the door, drawn anew for each message.

use p256::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{PublicKey, SecretKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

/// Bytes of one record; the message is one record and is never longer (RFC 8291, 4).
const RECORD_BYTES: u32 = 4096;

/// Marks the last record.
const LAST: u8 = 2;

/// What a browser gave of itself when it subscribed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    pub key: PublicKey,
    pub auth: [u8; 16],
}

/// The encrypted body, with the header that tells the receiver how to read it.
pub fn encrypt(to: &Receiver, sender: &SecretKey, salt: [u8; 16], plain: &[u8]) -> Vec<u8> {
    let (ours, theirs) = (point(&sender.public_key()), point(&to.key));
    let shared = diffie_hellman(sender.to_nonzero_scalar(), to.key.as_affine());
    let secret = Salt::new(HKDF_SHA256, &to.auth).extract(shared.raw_secret_bytes());
    let keying: [u8; 32] = expand(&secret, &[b"WebPush: info\0", &theirs, &ours]);
    let secret = Salt::new(HKDF_SHA256, &salt).extract(&keying);
    let key: [u8; 16] = expand(&secret, &[b"Content-Encoding: aes128gcm\0"]);
    let nonce: [u8; 12] = expand(&secret, &[b"Content-Encoding: nonce\0"]);
    let mut sealed = plain.to_vec();
    sealed.push(LAST);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).expect("a key of 16 bytes"));
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)
        .expect("a record is far below the limit of the cipher");
    let length = u8::try_from(ours.len()).expect("an uncompressed point has 65 bytes");
    [&salt[..], &RECORD_BYTES.to_be_bytes(), &[length], &ours, &sealed].concat()
}

/// Uncompressed: 65 bytes.
pub fn point(key: &PublicKey) -> Vec<u8> {
    key.to_encoded_point(false).as_bytes().to_vec()
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(secret: &Prk, info: &[&[u8]]) -> [u8; N] {
    let mut out = [0; N];
    let okm = secret.expand(info, Length(N)).expect("some bytes are asked for");
    okm.fill(&mut out).expect("as many as were asked for");
    out
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;

    use super::*;

    /// RFC 8291, appendix A.
    #[test]
    fn the_message_is_the_standards() {
        let bytes = |text: &str| BASE64.decode(text).unwrap();
        let to = Receiver {
            key: PublicKey::from_sec1_bytes(&bytes(
                "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            ))
            .unwrap(),
            auth: bytes("BTBZMqHH6r4Tts7J_aSIgg").try_into().unwrap(),
        };
        let sender = SecretKey::from_slice(&bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let found = encrypt(&to, &sender, salt, b"When I grow up, I want to be a watermelon");
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(BASE64.encode(found), expected);
    }
}
