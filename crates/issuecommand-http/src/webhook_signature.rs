//! How a delivery shows that it is GitHub's: the signature of its raw body, or the API key. Either is enough, and both are
//! compared in constant time.

use axum::http::{HeaderMap, HeaderValue};
use hmac::{Hmac, KeyInit, Mac};
use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::webhook::AuthMethod;
use issuecommand_executor::keys::ApiKeyHash;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::api_key::has_api_key;

/// The one header that counts: that of SHA-1 beside it proves nothing these days.
const SIGNATURE: &str = "x-hub-signature-256";

/// Why a delivery proves nothing. The words are the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignatureError {
    /// It is signed, and not by our secret.
    Signature,
    /// It is not signed, or there is no secret to compare with, and it has not the key.
    Nothing,
}

impl SignatureError {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Signature => "invalid_signature",
            Self::Nothing => "missing_valid_signature_or_api_key",
        }
    }
}

/// How the delivery proves itself.
pub(crate) fn verify(
    headers: &HeaderMap,
    body: &[u8],
    secret: Option<&SecretString>,
    key: ApiKeyHash,
) -> Result<AuthMethod, SignatureError> {
    let signed = signature(headers, secret);
    if signed.is_some_and(|(secret, header)| is_signed_by(secret, header, body)) {
        Ok(AuthMethod::Signature)
    } else if has_api_key(key, headers) {
        Ok(AuthMethod::ApiKey)
    } else if signed.is_some() {
        Err(SignatureError::Signature)
    } else {
        Err(SignatureError::Nothing)
    }
}

/// Checks, before the body is read, that the delivery has a header of the form of a signature.
pub(crate) fn may_be_signed(
    headers: &HeaderMap,
    secret: Option<&SecretString>,
) -> Result<(), SignatureError> {
    let (_, header) = signature(headers, secret).ok_or(SignatureError::Nothing)?;
    digest(header).map(drop).ok_or(SignatureError::Signature)
}

/// The secret and the header of the signature; `None` without either.
fn signature<'a>(
    headers: &'a HeaderMap,
    secret: Option<&'a SecretString>,
) -> Option<(&'a str, &'a [u8])> {
    let secret = secret.map(ExposeSecret::expose_secret);
    // A blank secret is none: anybody could sign with it.
    let secret = secret.filter(|secret| !secret.trim().is_empty());
    let header = headers.get(SIGNATURE).map(HeaderValue::as_bytes);
    secret.zip(header)
}

/// On whose authority a delivery comes that proved itself so.
pub(crate) fn caller(auth: AuthMethod) -> Caller {
    Caller::full(match auth {
        AuthMethod::Signature => Principal::System,
        AuthMethod::ApiKey => Principal::ApiKey,
    })
}

fn is_signed_by(secret: &str, header: &[u8], body: &[u8]) -> bool {
    let Some(signature) = digest(header) else {
        return false;
    };
    // A key may have any length, so that this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return false;
    };
    mac.update(body);
    mac.verify_slice(&signature).is_ok()
}

/// The digest in a header that has the form of a signature.
fn digest(header: &[u8]) -> Option<[u8; 32]> {
    let digits = header.trim_ascii().strip_prefix(b"sha256=")?;
    let mut digest = [0; 32];
    hex::decode_to_slice(digits, &mut digest).ok()?;
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GitHub's own example, of its documentation on validating deliveries.
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const SIGNED: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn proven(
        headers: &[(&'static str, &str)],
        body: &[u8],
        secret: Option<&str>,
    ) -> Result<AuthMethod, SignatureError> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        let secret = secret.map(SecretString::from);
        verify(&map, body, secret.as_ref(), ApiKeyHash::of(&"key".into()))
    }

    fn signed(value: &str) -> Result<AuthMethod, SignatureError> {
        proven(&[(SIGNATURE, value)], BODY, Some(SECRET))
    }

    #[test]
    fn githubs_test_vector() {
        assert_eq!(signed(SIGNED), Ok(AuthMethod::Signature));
        let upper = SIGNED.to_uppercase().replace("SHA256", "sha256");
        assert_eq!(signed(&upper), Ok(AuthMethod::Signature));
    }

    #[test]
    fn invalid_signatures_are_rejected() {
        let digits = SIGNED.strip_prefix("sha256=").unwrap();
        let wrong = [
            String::new(),
            "sha256=".to_owned(),
            digits.to_owned(),
            format!("sha1={digits}"),
            format!("sha256={}", &digits[1..]),
            format!("sha256={digits}00"),
            format!("sha256={}8", &digits[..63]),
            format!("sha256={}", "zz".repeat(32)),
            format!("sha256={}", "00".repeat(32)),
        ];
        for text in wrong {
            assert_eq!(signed(&text), Err(SignatureError::Signature), "{text}");
        }
        for (body, secret) in [(&b"Hello, World"[..], SECRET), (BODY, "another secret")] {
            let told = proven(&[(SIGNATURE, SIGNED)], body, Some(secret));
            assert_eq!(told, Err(SignatureError::Signature));
        }
        let sha1 = [(
            "x-hub-signature",
            "sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59",
        )];
        assert_eq!(
            proven(&sha1, BODY, Some(SECRET)),
            Err(SignatureError::Nothing)
        );
        assert_eq!(
            proven(&[], BODY, Some(SECRET)),
            Err(SignatureError::Nothing)
        );
    }

    #[test]
    fn an_empty_secret_verifies_nothing() {
        for secret in ["", " \t"] {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
            mac.update(BODY);
            let header = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
            for secret in [Some(secret), None] {
                let told = proven(&[(SIGNATURE, &header)], BODY, secret);
                assert_eq!(told, Err(SignatureError::Nothing));
            }
        }
    }

    #[test]
    fn one_valid_proof_suffices() {
        let key = ("authorization", "Bearer key");
        let no_key = ("authorization", "Bearer keys");
        for (headers, told) in [
            (&[key][..], Ok(AuthMethod::ApiKey)),
            (&[no_key], Err(SignatureError::Nothing)),
            (&[key, (SIGNATURE, SIGNED)], Ok(AuthMethod::Signature)),
            (&[no_key, (SIGNATURE, SIGNED)], Ok(AuthMethod::Signature)),
            (&[key, (SIGNATURE, "sha256=0")], Ok(AuthMethod::ApiKey)),
            (
                &[no_key, (SIGNATURE, "sha256=0")],
                Err(SignatureError::Signature),
            ),
        ] {
            assert_eq!(proven(headers, BODY, Some(SECRET)), told, "{headers:?}");
        }
    }
}
