//! How two processes of one operator tell each other which database they work on, on a port that strangers can reach too.
//!
//! The one who asks sends a text that nobody has used before and its HMAC under the API key, never the key: whatever has the
//! port may be no IssueCommand. Only to a good one is the database named.

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// The header of `GET /healthz` that the proof stands in.
pub const PROOF_HEADER: &str = "x-issuecommand-proof";

/// Keeps these proofs apart from whatever else is signed with the key.
const PURPOSE: &[u8] = b"issuecommand neighbour\n";

fn mac(key: &SecretString, nonce: &str) -> Option<Hmac<Sha256>> {
    let key = key.expose_secret();
    if key.trim().is_empty() {
        return None;
    }
    // A key may have any length, so that this cannot fail.
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(PURPOSE);
    mac.update(nonce.as_bytes());
    Some(mac)
}

/// The value of the header, which proves knowledge of the key. `nonce` must be new each time, without a dot. `None` for a
/// blank key.
pub fn prove(key: &SecretString, nonce: &str) -> Option<String> {
    let proof = mac(key, nonce)?.finalize().into_bytes();
    Some(format!("{nonce}.{}", hex::encode(proof)))
}

/// Whether these headers have a good proof.
pub(crate) fn is_proven(headers: &HeaderMap, key: &SecretString) -> bool {
    let value = headers
        .get(PROOF_HEADER)
        .and_then(|value| value.to_str().ok());
    let parts = value.and_then(|value| value.split_once('.'));
    let Some((nonce, digits)) = parts else {
        return false;
    };
    let mut proof = [0; 32];
    let read = hex::decode_to_slice(digits, &mut proof).is_ok();
    let mac = mac(key, nonce);
    read && nonce.len() >= 16 && mac.is_some_and(|mac| mac.verify_slice(&proof).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(PROOF_HEADER, value.parse().unwrap());
        headers
    }

    #[test]
    fn a_proof_needs_the_key() {
        let (key, other): (SecretString, SecretString) = ("key".into(), "other".into());
        let nonce = "0123456789abcdef";
        let proof = prove(&key, nonce).unwrap();
        assert!(is_proven(&headers(&proof), &key));
        assert!(!is_proven(&headers(&proof), &other));
        assert!(!is_proven(&headers(&proof.replace("0123", "0124")), &key));
        for bad in [
            "",
            ".",
            nonce,
            &prove(&key, "short").unwrap(),
            &format!("{nonce}."),
            &format!("{nonce}.{}", "0".repeat(64)),
        ] {
            assert!(!is_proven(&headers(bad), &key), "{bad}");
        }
        assert!(!is_proven(&HeaderMap::new(), &key));
        assert_eq!(
            prove(&" ".into(), nonce),
            None,
            "a blank key proves nothing"
        );
    }
}
