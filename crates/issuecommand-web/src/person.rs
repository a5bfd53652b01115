//! The person behind a request: the session of its cookie, and what that may see and do.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::access_key::SecretHash;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::web_session::WebSession;
use issuecommand_core::service::SignedIn;
use issuecommand_wire::ApiError;

use crate::guard::SiteAddress;
use crate::page;
use crate::sign_in;
use crate::state::Web;

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// What the session may see and do. A key that is bound to an agent only looks: the acts are those of people.
    pub(crate) caller: Caller,
    /// How the person is called: the name of the key.
    pub(crate) name: String,
    /// The digest of the session's token.
    pub(crate) session: SecretHash,
}

impl Person {
    pub(crate) fn of(signed_in: SignedIn) -> Self {
        let SignedIn {
            caller,
            key_name,
            session,
        } = signed_in;
        let name = match (&session.principal, key_name) {
            (_, Some(name)) => name.to_string(),
            (Principal::Local, None) => "this machine".to_owned(),
            _ => "API_KEY".to_owned(),
        };
        Self {
            caller: Caller {
                read_only: caller.read_only || caller.agent.is_some(),
                principal: Principal::Person {
                    by: Box::new(caller.principal),
                    name: name.clone(),
                },
                ..caller
            },
            name,
            session: session.hash,
        }
    }

    /// Whether the person may do what changes something.
    pub(crate) fn acts(&self) -> bool {
        !self.caller.read_only
    }

    /// Whether the person sees all repositories, and with them what belongs to none.
    pub(crate) fn sees_all(&self) -> bool {
        self.caller.scope == Scope::All
    }
}

/// Whether a caller may make and revoke keys: who runs the service, by API_KEY or on its machine. A named key that could make others
/// would live on in them when it is revoked.
pub(crate) fn manages_keys(caller: &Caller) -> bool {
    let by = match &caller.principal {
        Principal::Person { by, .. } => by,
        other => other,
    };
    !caller.read_only
        && caller.scope == Scope::All
        && matches!(by, Principal::ApiKey | Principal::Local)
}

/// The caller for whom screens are rendered: the same for all who see the same, whatever their names and keys are.
pub(crate) fn viewer(caller: &Caller) -> Caller {
    let principal = if manages_keys(caller) {
        Principal::Local
    } else {
        Principal::Key(String::new())
    };
    Caller {
        principal,
        ..caller.clone()
    }
}

/// Lets signed-in people pass, and answers others by the page where they sign in.
pub(crate) async fn require_person(
    State(web): State<Web>,
    mut request: Request,
    next: Next,
) -> Response {
    let reached = request.extensions().get::<SiteAddress>().cloned();
    let Some(reached) = reached else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let is_stream = request.uri().path() == "/ui/stream";
    let person = match person(&web, &reached, request.headers(), !is_stream).await {
        Ok(person) => person,
        Err(response) => return *response,
    };
    let Some(person) = person else {
        return if is_stream {
            StatusCode::UNAUTHORIZED.into_response()
        } else {
            sign_in::asked(&request)
        };
    };
    let caller = person.caller.clone();
    request.extensions_mut().insert(person);
    let mut response = next.run(request).await;
    // The surface that this one is mounted in counts the connection among those of good keys.
    response.extensions_mut().insert(caller);
    response
}

/// The person whose session the cookie names.
async fn person(
    web: &Web,
    reached: &SiteAddress,
    headers: &HeaderMap,
    uses: bool,
) -> Result<Option<Person>, Box<Response>> {
    let Some(token) = token(headers, &cookie_name(reached)) else {
        return Ok(None);
    };
    let hash = web.keys().session_hash(token.as_bytes());
    let found = web.service().signed_in(&hash, uses).await;
    let found = found.map_err(|error| Box::new(page::failure(&ApiError::from(&error))))?;
    Ok(found.map(Person::of))
}

/// Cookies of one host are common to its ports, so that each port has a name of its own.
fn cookie_name(reached: &SiteAddress) -> String {
    if reached.secure {
        "__Host-issuecommand".to_owned()
    } else {
        format!("issuecommand-{}", reached.port())
    }
}

/// The cookie of this name, if it can be a token.
fn token(headers: &HeaderMap, name: &str) -> Option<String> {
    let token = cookie(headers, name)?;
    let good = token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    good.then(|| token.to_owned())
}

/// The value of a cookie.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let mut pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

/// The header that gives a browser its session.
pub(crate) fn session_cookie(reached: &SiteAddress, token: &str) -> Option<HeaderValue> {
    let seconds = WebSession::LENGTH.0 / 1000;
    set_cookie(reached, token, seconds)
}

/// The header that takes it away.
pub(crate) fn no_session_cookie(reached: &SiteAddress) -> Option<HeaderValue> {
    set_cookie(reached, "", 0)
}

fn set_cookie(reached: &SiteAddress, value: &str, seconds: i64) -> Option<HeaderValue> {
    let name = cookie_name(reached);
    let secure = if reached.secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(text).ok()
}
