//! Standard Webhooks: secrets, and the signature of a request.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use issuecommand_core::domain::time::Timestamp;
use secrecy::{ExposeSecret as _, SecretSlice};
use sha2::Sha256;

/// What a secret begins with.
const PREFIX: &str = "whsec_";
/// How many bytes a secret may have.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// A secret that requests are signed with.
#[derive(Clone)]
pub struct Secret(SecretSlice<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// Reads a secret.
    ///
    /// # Errors
    /// What a secret looks like. The text is not in it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let wrong = "a secret is whsec_ and the base64 of 24 to 64 bytes; issuecommand notify add makes one";
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(wrong)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| wrong)?;
        if LENGTHS.contains(&bytes.len()) {
            Ok(Self(bytes.into()))
        } else {
            Err(wrong)
        }
    }

    /// The text of a secret of these bytes.
    pub fn text(bytes: &[u8; 32]) -> String {
        format!("{PREFIX}{}", STANDARD.encode(bytes))
    }

    /// The signature of this message with a version before it.
    fn signature(&self, signed: &[&[u8]]) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()) else {
            // HMAC takes keys of any length.
            return String::new();
        };
        for part in signed {
            mac.update(part);
        }
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// The headers of a signed request, by name. There is a signature for each secret, so that a receiver may know the new one or the old
/// one while a secret is replaced.
pub fn headers(
    secrets: &[Secret],
    id: &str,
    at: Timestamp,
    body: &[u8],
) -> [(&'static str, String); 3] {
    let timestamp = (at.0 / 1000).to_string();
    let signed: [&[u8]; 5] = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    let signatures: Vec<String> = secrets.iter().map(|one| one.signature(&signed)).collect();
    [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", signatures.join(" ")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// The example of the libraries of Standard Webhooks.
    #[test]
    fn a_known_message_has_its_known_signature() {
        let secret = Secret::parse(SECRET).unwrap();
        let made = headers(
            &[secret],
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            Timestamp(1_614_265_330_999),
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(
            made,
            [
                ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned()),
                ("webhook-timestamp", "1614265330".to_owned()),
                (
                    "webhook-signature",
                    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn there_is_a_signature_for_each_secret() {
        let old = Secret::parse(SECRET).unwrap();
        let new = Secret::parse(&Secret::text(&[7; 32])).unwrap();
        let of = |secrets: &[Secret]| {
            let [_, _, (_, signature)] = headers(secrets, "msg_1", Timestamp(0), b"{}");
            signature
        };
        let both = of(&[new.clone(), old.clone()]);
        assert_eq!(both, format!("{} {}", of(&[new]), of(&[old])));
    }

    #[test]
    fn other_texts_are_no_secrets_and_are_not_shown() {
        let short = format!("whsec_{}", STANDARD.encode([1; 23]));
        let long = format!("whsec_{}", STANDARD.encode([1; 65]));
        for text in [
            "",
            "whsec_",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_%",
            &short,
            &long,
        ] {
            let error = Secret::parse(text).unwrap_err();
            assert!(error.starts_with("a secret is whsec_"), "{error}");
        }
        assert_eq!(format!("{:?}", Secret::parse(SECRET).unwrap()), "Secret");
        for length in [24, 64] {
            let text = format!("whsec_{}", STANDARD.encode(vec![1; length]));
            assert!(Secret::parse(&text).is_ok());
        }
    }
}
