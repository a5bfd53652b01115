//! What people do: each act is a page that says what will happen, and a form that runs a call. A refusal says why, and nothing is
//! changed.

mod confirmation;
mod keys;
mod operate;
mod upkeep;
mod work;

use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use issuecommand_executor::CallContext;
use issuecommand_wire::{ApiError, Call, ParamSource, Params};
use tokio_util::sync::CancellationToken;

use self::confirmation::{ActOutcome, Confirmation, Field, Kind};
use crate::form::Form;
use crate::options::Finding;
use crate::page;
use crate::pages::{Content, SAID, framed};
use crate::person::Person;
use crate::screens::CallRunner;
use crate::sign_in::inside;
use crate::state::Web;

/// Everything that an act may use.
struct ActContext<'a> {
    web: &'a Web,
    person: &'a Person,
    form: &'a Form,
    request_id: &'a str,
}

impl ActContext<'_> {
    fn asker(&self) -> CallRunner<'_> {
        CallRunner {
            web: self.web,
            caller: &self.person.caller,
        }
    }

    /// A field that the address of the act must have.
    fn needed(&self, name: &str) -> Result<&str, ApiError> {
        self.form.text(name).ok_or_else(|| {
            ApiError::bad_request(format!("The field {name} is empty. Nothing was done."))
        })
    }

    /// Runs a call that changes something. The key of the form makes a form that is sent twice one change.
    async fn call<C: Call>(
        &self,
        fields: &[(&str, Option<&str>)],
    ) -> Result<C::Response, ApiError> {
        let given = fields
            .iter()
            .filter_map(|(name, value)| Some((*name, (*value)?)));
        let mut params = given.fold(Params::default(), |params, (name, value)| {
            params.with(name, value)
        });
        let takes_key = C::PARAMS.iter().any(|param| param.name == KEY);
        if let Some(key) = self.form.text(KEY).filter(|_| takes_key) {
            params = params.with(KEY, key);
        }
        let context = CallContext {
            caller: self.person.caller.clone(),
            request_id: self.request_id.to_owned(),
            left: CancellationToken::new(),
        };
        let answer = self
            .web
            .executor()
            .call::<C>(context, params, ParamSource::Body)
            .await?;
        Ok(answer.into_answer())
    }
}

const KEY: &str = "idempotency_key";

/// The acts, by their names in addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Release,
    ReleaseAll,
    Keep,
    Give,
    GiveFeedback,
    Dismiss,
    Offer,
    Park,
    Pause,
    Drain,
    Resume,
    Sync,
    RetryDelivery,
    RetryWrite,
    MakeKey,
    RevokeKey,
    Diagnose,
    BackUp,
}

impl Act {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "release" => Self::Release,
            "release-all" => Self::ReleaseAll,
            "keep" => Self::Keep,
            "give" => Self::Give,
            "give-feedback" => Self::GiveFeedback,
            "dismiss" => Self::Dismiss,
            "offer" => Self::Offer,
            "park" => Self::Park,
            "pause" => Self::Pause,
            "drain" => Self::Drain,
            "resume" => Self::Resume,
            "sync" => Self::Sync,
            "retry-delivery" => Self::RetryDelivery,
            "retry-write" => Self::RetryWrite,
            "make-key" => Self::MakeKey,
            "revoke-key" => Self::RevokeKey,
            "diagnose" => Self::Diagnose,
            "back-up" => Self::BackUp,
            _ => return None,
        })
    }

    async fn confirm(self, doing: &ActContext<'_>) -> Result<Confirmation, ApiError> {
        match self {
            Self::Release => work::confirm_release(doing).await,
            Self::ReleaseAll => work::confirm_release_all(doing).await,
            Self::Keep => work::confirm_keep(doing).await,
            Self::Give => work::confirm_give(doing).await,
            Self::GiveFeedback => work::confirm_give_feedback(doing),
            Self::Dismiss => work::confirm_dismiss(doing),
            Self::Offer => work::confirm_offer(doing).await,
            Self::Park => work::confirm_park(doing).await,
            Self::Pause | Self::Drain | Self::Resume => upkeep::confirm_halt(self, doing),
            Self::Sync => Ok(upkeep::confirm_sync(doing)),
            Self::RetryDelivery | Self::RetryWrite => upkeep::confirm_retry(self, doing),
            Self::MakeKey => keys::confirm_make(doing),
            Self::RevokeKey => keys::confirm_revoke(doing).await,
            Self::Diagnose | Self::BackUp => operate::confirm(self, doing),
        }
    }

    async fn run(self, doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
        match self {
            Self::Release => work::release(doing).await,
            Self::ReleaseAll => work::release_all(doing).await,
            Self::Keep => work::keep(doing).await,
            Self::Give => work::give(doing).await,
            Self::GiveFeedback => work::give_feedback(doing).await,
            Self::Dismiss => work::dismiss(doing).await,
            Self::Offer => work::offer(doing).await,
            Self::Park => work::park(doing).await,
            Self::Pause | Self::Drain | Self::Resume => upkeep::halt(self, doing).await,
            Self::Sync => upkeep::sync(doing).await,
            Self::RetryDelivery => upkeep::retry_delivery(doing).await,
            Self::RetryWrite => upkeep::retry_write(doing).await,
            Self::MakeKey => keys::make(doing).await,
            Self::RevokeKey => keys::revoke(doing).await,
            Self::Diagnose => operate::diagnose(doing).await,
            Self::BackUp => operate::back_up(doing).await,
        }
    }
}

#[derive(Template)]
#[template(path = "act.html")]
struct ActPage<'a> {
    act: &'a str,
    back: &'a str,
    key: String,
    confirmation: &'a Confirmation,
}

#[derive(Template)]
#[template(path = "secret.html")]
struct SecretPage<'a> {
    title: &'a str,
    words: &'a str,
    secret: &'a str,
    back: &'a str,
}

#[derive(Template)]
#[template(path = "findings.html")]
struct FindingsPage<'a> {
    findings: &'a [Finding],
    back: &'a str,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused<'a> {
    words: &'a str,
    code: &'a str,
    owner: Option<&'a str>,
    back: &'a str,
}

/// `GET /ui/act/{act}`: what will happen.
pub(crate) async fn confirm(
    State(web): State<Web>,
    Extension(person): Extension<Person>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let form = Form::read(request.uri().query().unwrap_or_default().as_bytes());
    let back = inside(form.text("back").unwrap_or("/ui"));
    let headers = request.headers();
    let shown = |status, title: &str, html: String| {
        framed(&web, &person, headers, status, &bare(title, back, &html))
    };
    let Some(act) = Act::named(&name) else {
        return page::nowhere().await;
    };
    if !person.acts() {
        return only_reads();
    }
    let doing = ActContext {
        web: &web,
        person: &person,
        form: &form,
        request_id: request_id(headers),
    };
    match act.confirm(&doing).await {
        Ok(confirmation) => {
            let page = ActPage {
                act: &name,
                back,
                key: new_key(),
                confirmation: &confirmation,
            };
            match page.render() {
                Ok(html) => shown(StatusCode::OK, &confirmation.title, html),
                Err(error) => page::html(StatusCode::OK, Err(error)),
            }
        }
        Err(error) => refused(&error, back, shown),
    }
}

/// `POST /ui/act/{act}`: does it.
pub(crate) async fn run(
    State(web): State<Web>,
    Extension(person): Extension<Person>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Form::read(&body);
    let back = inside(form.text("back").unwrap_or("/ui"));
    let shown = |status, title: &str, html: String| {
        framed(&web, &person, &headers, status, &bare(title, back, &html))
    };
    let Some(act) = Act::named(&name) else {
        return page::nowhere().await;
    };
    if !person.acts() {
        return only_reads();
    }
    let doing = ActContext {
        web: &web,
        person: &person,
        form: &form,
        request_id: request_id(&headers),
    };
    match act.run(&doing).await {
        Ok(ActOutcome::Said(said)) => told(back, &said),
        Ok(ActOutcome::Found(findings)) => {
            let page = FindingsPage {
                findings: &findings,
                back,
            };
            match page.render() {
                Ok(html) => shown(StatusCode::OK, "Checks", html),
                Err(error) => page::html(StatusCode::OK, Err(error)),
            }
        }
        Ok(ActOutcome::Secret {
            title,
            words,
            secret,
        }) => {
            let page = SecretPage {
                title: &title,
                words: &words,
                secret: &secret,
                back,
            };
            match page.render() {
                Ok(html) => shown(StatusCode::OK, &title, html),
                Err(error) => page::html(StatusCode::OK, Err(error)),
            }
        }
        Err(error) => refused(&error, back, shown),
    }
}

/// Back to where the person came from, where it is told what was done.
fn told(back: &str, said: &str) -> Response {
    let mut response = Redirect::to(back).into_response();
    let said: String = said.chars().take(300).collect();
    let said = crate::view::encoded(&said);
    let cookie = format!("{SAID}={said}; Path=/ui; Max-Age=60; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn only_reads() -> Response {
    let words = "You are signed in by a key that only reads, so that nothing was done. Sign in by another key to do this.";
    page::refusal(StatusCode::FORBIDDEN, "Only reading", words)
}

/// A page that is not renewed.
fn bare<'a>(title: &'a str, back: &'a str, html: &'a str) -> Content<'a> {
    Content {
        title,
        section: "",
        back,
        is_live: false,
        facts: "",
        filters: "",
        html,
        below: "",
    }
}

fn refused(
    error: &ApiError,
    back: &str,
    shown: impl FnOnce(StatusCode, &str, String) -> Response,
) -> Response {
    use issuecommand_wire::error::ErrorBody;

    let (code, owner) = match &error.body {
        ErrorBody::Refusal(refusal) => (
            serde_json::to_value(refusal.reason).ok(),
            refusal.owner_agent_id.as_deref(),
        ),
        ErrorBody::Failure(failure) => (serde_json::to_value(failure.error).ok(), None),
    };
    // A refusal is an answer like any other over the API; a page that did nothing says so by its status.
    let status = if error.is_failure() {
        StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    } else {
        StatusCode::CONFLICT
    };
    if let Some(cause) = &error.cause {
        tracing::error!(name: "web.failed", cause, "an act failed");
    }
    let code = code
        .as_ref()
        .and_then(|code| code.as_str())
        .unwrap_or_default();
    let words = page::words(error);
    let page = Refused {
        words: &words,
        code,
        owner,
        back,
    };
    match page.render() {
        Ok(html) => shown(status, "Nothing was done", html),
        Err(error) => page::html(status, Err(error)),
    }
}

fn request_id(headers: &HeaderMap) -> &str {
    let id = headers.get("x-request-id");
    id.and_then(|id| id.to_str().ok()).unwrap_or_default()
}

/// A key for one form.
fn new_key() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    format!("ui-{}", hex::encode(bytes))
}
