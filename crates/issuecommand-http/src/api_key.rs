//! The key of a request.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use issuecommand_executor::keys::ApiKeyHash;

/// Whether a request comes with the API key.
pub(crate) fn has_api_key(key: ApiKeyHash, headers: &HeaderMap) -> bool {
    bearer_token(headers).is_some_and(|token| key.matches(token))
}

/// The token of `Authorization: Bearer …`; the scheme's case does not matter.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes().trim_ascii();
    let (scheme, token) = value.split_at_checked(7)?;
    scheme
        .eq_ignore_ascii_case(b"bearer ")
        .then(|| token.trim_ascii())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn opens(key: &str, header: &'static [u8]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_bytes(header).unwrap());
        has_api_key(ApiKeyHash::of(&key.into()), &headers)
    }

    #[test]
    fn only_the_right_key_opens() {
        assert!(opens("secret", b"Bearer secret"));
        assert!(opens(" secret\n", b"bearer  secret "));
        for no in [
            "",
            "secret",
            "Bearer",
            "Bearer ",
            "Bearer secre",
            "Bearer secrets",
            "Bearer SECRET",
            "Basic secret",
        ] {
            assert!(!opens("secret", no.as_bytes()), "{no}");
        }
        assert!(!opens("secret", b"Bearer \xff\xfe"));
        assert!(!opens("", b"Bearer "), "a blank key lets nobody in");
        let secret = ApiKeyHash::of(&"secret".into());
        assert!(!has_api_key(secret, &HeaderMap::new()));
    }
}
