//! Signing in, by a key or by a one-time code of `issuecommand open`, and out.

use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use issuecommand_core::service::{ServiceError, SignedIn};
use issuecommand_executor::keys::{Rejected, secret_hash};
use issuecommand_executor::limits::ClientAddress;
use issuecommand_wire::ApiError;

use crate::assets::ASSETS;
use crate::form::Form;
use crate::guard::SiteAddress;
use crate::page::{self, theme};
use crate::person::{Person, no_session_cookie, session_cookie};
use crate::state::Web;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    theme: &'a str,
    assets: &'static crate::assets::Assets,
    /// Where to go afterwards.
    next: &'a str,
    /// Why signing in did not work.
    error: Option<&'a str>,
    /// The one-time code that a link had, to be shown by the person's own click.
    code: Option<&'a str>,
}

fn shown(status: StatusCode, page: &SignInPage<'_>) -> Response {
    page::html(status, page.render())
}

/// The page where people sign in, instead of the page that was asked for.
pub(crate) fn asked(request: &Request) -> Response {
    let target = request.uri().path_and_query();
    let next = target.map_or("/ui", |target| target.as_str());
    let page = SignInPage {
        theme: theme(request.headers()),
        assets: &ASSETS,
        next: if request.method().is_safe() {
            inside(next)
        } else {
            "/ui"
        },
        error: None,
        code: None,
    };
    shown(StatusCode::UNAUTHORIZED, &page)
}

/// `GET /ui/sign-in`.
pub(crate) async fn form(headers: HeaderMap) -> Response {
    let page = SignInPage {
        theme: theme(&headers),
        assets: &ASSETS,
        next: "/ui",
        error: None,
        code: None,
    };
    shown(StatusCode::OK, &page)
}

/// A path of the dashboard; its first page for anything else, so that no link leads out of it.
pub(crate) fn inside(next: &str) -> &str {
    let rest = next.strip_prefix("/ui");
    let good = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    let plain = next
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if good && plain { next } else { "/ui" }
}

/// `POST /ui/sign-in`: by a key.
pub(crate) async fn by_key(
    State(web): State<Web>,
    Extension(reached): Extension<SiteAddress>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Form::read(&body);
    let next = inside(form.text("next").unwrap_or("/ui")).to_owned();
    if let Err(response) = counted(&web, address, &headers, &next) {
        return *response;
    }
    let key = form.text("key").unwrap_or_default();
    let refused = |status, error| refused(status, &headers, &next, error);
    if key.is_empty() {
        return refused(StatusCode::BAD_REQUEST, "The field is empty: give a key.");
    }
    match web.keys().judge(key.as_bytes()).await {
        Ok(Ok(authenticated)) => {
            let token = new_token();
            let hash = web.keys().session_hash(token.as_bytes());
            let principal = authenticated.caller.principal;
            let begun = web.service().begin_web_session(principal, hash).await;
            enter(begun, &reached, &token, &headers, &next)
        }
        Ok(Err(rejected)) => {
            let (why, key) = match &rejected {
                Rejected::Unknown => ("unknown", ""),
                Rejected::Expired(key) => ("expired", key.id.as_str()),
                Rejected::Revoked(key) => ("revoked", key.id.as_str()),
            };
            tracing::info!(name: "web.key_refused", key, why, "somebody could not sign in to the dashboard");
            let error = "No valid key is this. Keys begin with ick_, unless it is API_KEY; a key that expired or was revoked lets nobody in.";
            refused(StatusCode::UNAUTHORIZED, error)
        }
        Err(error) => page::failure(&ApiError::from(&ServiceError::from(error))),
    }
}

/// `GET /ui/open/{code}`: signs in by the code at once, if a person came here by the address bar or from another program. A link on a
/// page of somebody else must not sign anybody in as somebody else: there the person confirms.
pub(crate) async fn open(
    State(web): State<Web>,
    Extension(reached): Extension<SiteAddress>,
    address: Option<Extension<ClientAddress>>,
    Path(code): Path<String>,
    request: Request,
) -> Response {
    let headers = request.headers();
    let site = headers.get("sec-fetch-site");
    let by_person = site.is_none_or(|site| site == "none" || site == "same-origin");
    // HEAD, and what a browser fetches in advance, must not use the code up.
    let in_advance = headers.contains_key("sec-purpose") || headers.contains_key("purpose");
    if by_person && !in_advance && request.method() == axum::http::Method::GET {
        return redeem(&web, &reached, address, headers, &code).await;
    }
    let page = SignInPage {
        theme: theme(headers),
        assets: &ASSETS,
        next: "/ui",
        error: None,
        code: Some(&code),
    };
    shown(StatusCode::OK, &page)
}

/// `POST /ui/open/{code}`.
pub(crate) async fn confirm(
    State(web): State<Web>,
    Extension(reached): Extension<SiteAddress>,
    address: Option<Extension<ClientAddress>>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Response {
    redeem(&web, &reached, address, &headers, &code).await
}

async fn redeem(
    web: &Web,
    reached: &SiteAddress,
    address: Option<Extension<ClientAddress>>,
    headers: &HeaderMap,
    code: &str,
) -> Response {
    if let Err(response) = counted(web, address, headers, "/ui") {
        return *response;
    }
    let token = new_token();
    let (code, session) = (
        secret_hash(code.as_bytes()),
        web.keys().session_hash(token.as_bytes()),
    );
    let begun = web.service().redeem_sign_in_code(code, session).await;
    if matches!(&begun, Ok(None)) {
        tracing::info!(name: "web.code_refused", "a one-time code of the dashboard was unknown, used or expired");
        let error = "This one-time code was used, or is older than 60 seconds. Run `issuecommand open` again.";
        return refused(StatusCode::UNAUTHORIZED, headers, "/ui", error);
    }
    enter(begun, reached, &token, headers, "/ui")
}

fn enter(
    begun: Result<Option<SignedIn>, ServiceError>,
    reached: &SiteAddress,
    token: &str,
    headers: &HeaderMap,
    next: &str,
) -> Response {
    let signed_in = match begun {
        Ok(Some(signed_in)) => signed_in,
        // Its key ended meanwhile.
        Ok(None) => {
            let error = "The key has expired or was revoked.";
            return refused(StatusCode::UNAUTHORIZED, headers, next, error);
        }
        Err(error) => return page::failure(&ApiError::from(&error)),
    };
    let principal = String::from(signed_in.session.principal);
    tracing::info!(name: "web.signed_in", principal, "somebody signed in to the dashboard");
    with_cookie(
        Redirect::to(next).into_response(),
        session_cookie(reached, token),
    )
}

/// `POST /ui/sign-out`.
pub(crate) async fn out(
    State(web): State<Web>,
    Extension(reached): Extension<SiteAddress>,
    Extension(person): Extension<Person>,
) -> Response {
    match web.service().end_web_session(person.session).await {
        Ok(()) => with_cookie(
            Redirect::to("/ui").into_response(),
            no_session_cookie(&reached),
        ),
        Err(error) => page::failure(&ApiError::from(&error)),
    }
}

fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Counts an attempt by its address.
fn counted(
    web: &Web,
    address: Option<Extension<ClientAddress>>,
    headers: &HeaderMap,
    next: &str,
) -> Result<(), Box<Response>> {
    let Extension(address) = address.unwrap_or(Extension(ClientAddress(0)));
    web.sign_ins().take(address).map_err(|error| {
        let words = page::words(&error);
        Box::new(refused(
            StatusCode::TOO_MANY_REQUESTS,
            headers,
            next,
            &words,
        ))
    })
}

fn refused(status: StatusCode, headers: &HeaderMap, next: &str, error: &str) -> Response {
    let page = SignInPage {
        theme: theme(headers),
        assets: &ASSETS,
        next,
        error: Some(error),
        code: None,
    };
    shown(status, &page)
}

/// 256 random bits.
fn new_token() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_out_of_the_dashboard() {
        for good in ["/ui", "/ui/issues?state=all", "/ui?repo=a%2Fb"] {
            assert_eq!(inside(good), good);
        }
        for bad in [
            "",
            "/",
            "/api",
            "/uix",
            "//evil.example",
            "https://evil.example",
            "/ui\\evil",
            "/ui/\n",
        ] {
            assert_eq!(inside(bad), "/ui", "{bad:?}");
        }
    }
}
