//! The key, judged before all else.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::access_key::SecretHash;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::service::ServiceError as CoreNo;
use issuecommand_wire::ApiError;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tracing::Span;

use crate::error::ErrorResponse;
use crate::keys;
use crate::refusals::Kind;
use crate::serve::ConnectionHandle;
use crate::state::AppState;

/// Who was let in, and by what.
#[derive(Clone, Debug)]
pub(crate) struct Authenticated {
    pub(crate) caller: Caller,
    /// The digest of a named key, which may be taken back while its bearer still listens.
    pub(crate) key: Option<SecretHash>,
}

/// The digest of a key: digests are compared, in constant time, so that neither the key nor its length shows in the time.
/// `None` for a blank key, which lets nobody in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyHash(Option<[u8; 32]>);

impl KeyHash {
    pub(crate) fn of(key: &SecretString) -> Self {
        let key = key.expose_secret().trim();
        Self((!key.is_empty()).then(|| Sha256::digest(key.as_bytes()).into()))
    }

    pub(crate) fn opens_to(self, headers: &HeaderMap) -> bool {
        bearer(headers).is_some_and(|token| self.is_of(token))
    }

    fn is_of(self, token: &[u8]) -> bool {
        let Some(key) = self.0 else { return false };
        let token: [u8; 32] = Sha256::digest(token).into();
        token.ct_eq(&key).into()
    }
}

/// The token of `Authorization: Bearer …`; the scheme's case does not matter.
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes().trim_ascii();
    let (scheme, token) = value.split_at_checked(7)?;
    scheme
        .eq_ignore_ascii_case(b"bearer ")
        .then(|| token.trim_ascii())
}

/// Who comes with a request: everybody's key first, then one that has a name.
async fn admitted(state: &AppState, headers: &HeaderMap) -> Result<Authenticated, ApiError> {
    let Some(token) = bearer(headers) else {
        unauthorized(state, "missing");
        return Err(ApiError::unauthorized());
    };
    if state.key.is_of(token) {
        return Ok(Authenticated {
            caller: Caller::full(Principal::ApiKey),
            key: None,
        });
    }
    match keys::caller(state, token).await {
        Ok(Some((caller, hash))) => Ok(Authenticated {
            caller,
            key: Some(hash),
        }),
        Ok(None) => Err(ApiError::unauthorized()),
        Err(error) => {
            let mut no = ApiError::from(&CoreNo::from(error));
            // Strangers can cause it as often as they like.
            no.cause = no.cause.filter(|_| state.refusals.admit(Kind::Key));
            Err(no)
        }
    }
}

/// Leaves a line about a key that opens nothing. The key itself is in none.
pub(crate) fn unauthorized(state: &AppState, why: &str) {
    if state.refusals.admit(Kind::Key) {
        tracing::info!(name: "http.unauthorized", why, "a request came without a good key");
    }
}

/// Lets a request with a good key pass, and says on whose authority it comes.
pub(crate) async fn require_key(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let admitted = match admitted(&state, request.headers()).await {
        Ok(admitted) => admitted,
        Err(no) => return ErrorResponse(no).into_response(),
    };
    if let Some(connection) = request.extensions().get::<ConnectionHandle>() {
        connection.prove();
    }
    let principal = String::from(admitted.caller.principal.clone());
    Span::current().record("principal", principal);
    request.extensions_mut().insert(admitted.caller.clone());
    request.extensions_mut().insert(admitted);
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn opens(key: &str, header: &'static [u8]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_bytes(header).unwrap());
        KeyHash::of(&key.into()).opens_to(&headers)
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
        assert!(!KeyHash::of(&"secret".into()).opens_to(&HeaderMap::new()));
    }
}
