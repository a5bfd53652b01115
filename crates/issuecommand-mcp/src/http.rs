//! MCP over HTTP: each POST is one message and gets one answer as JSON. No state is kept between requests, so that any instance
//! can answer any of them.
//!
//! The caller comes with the request, as an extension: the surface that this is mounted in has checked the key. A client that
//! introduces itself by `initialize` is given a session id that names it, and sends it with each further request.

mod refusals;
mod running_requests;

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Body;
use http_body_util::{BodyExt, Empty, Full, combinators::BoxBody};
use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::session::{CallerSession, SessionId, Transport};
use issuecommand_executor::Executor;
use issuecommand_wire::ApiError;
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};
use uuid::Uuid;

use self::running_requests::RunningRequests;
use crate::identity::{Identity, plain_name};
use crate::lines::Calls;
use crate::server::{Backing, Server};
use crate::tool::Shown;

/// The header in which a client repeats the session id that it was given.
const SESSION: &str = "mcp-session-id";
/// The longest message that is read, in bytes, where the surface has no limit of its own below it.
const LIMIT: usize = 1024 * 1024;

/// How MCP is served over HTTP.
#[derive(Clone, Debug, Default)]
pub struct HttpOptions {
    /// The names, with or without port, that a request's `Host` may have. Empty: any.
    pub allowed_hosts: Vec<String>,
    /// The origins of web pages whose requests are taken. Programs send no `Origin`, and need not be here.
    pub allowed_origins: Vec<String>,
    /// What `tools/list` shows.
    pub shown: Shown,
}

type Bytes<D> = BoxBody<D, Infallible>;

/// MCP over HTTP as a service of requests with bodies of this kind.
pub type HttpService<B> =
    BoxCloneSyncService<Request<B>, Response<Bytes<bytes::Bytes>>, Infallible>;

/// A service that answers MCP over HTTP at one path. Each request must have its [`Caller`] among its extensions.
pub fn http_service<B>(executor: Executor, options: HttpOptions) -> HttpService<B>
where
    B: Body<Data: Send, Error: std::fmt::Display> + Send + 'static,
{
    let backing = Backing::Service(executor.clone());
    let shown = options.shown;
    // Each request has a server of its own: ids of one client mean nothing to another.
    let server = move || Server::new(backing.clone(), Calls::default(), shown);
    http_service_of(server, executor, options)
}

/// The same transport with other tools behind it, for tests of the transport. `server` is called for each request.
pub fn http_service_of<S, B>(
    server: impl Fn() -> S + Send + Sync + 'static,
    executor: Executor,
    options: HttpOptions,
) -> HttpService<B>
where
    S: ServerHandler,
    B: Body<Data: Send, Error: std::fmt::Display> + Send + 'static,
{
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_sse_retry(None)
        .with_max_request_body_bytes(LIMIT)
        .with_allowed_hosts(options.allowed_hosts)
        .with_allowed_origins(options.allowed_origins)
        .enforce_origin_validation();
    let manager = Arc::new(NeverSessionManager::default());
    let inner = StreamableHttpService::new(move || Ok(server()), manager, config);
    let running = RunningRequests::default();
    BoxCloneSyncService::new(service_fn(move |request| {
        let (inner, executor, running) = (inner.clone(), executor.clone(), running.clone());
        async move { Ok(answer(inner, &executor, &running, request).await) }
    }))
}

async fn answer<S: ServerHandler, B>(
    inner: StreamableHttpService<S, NeverSessionManager>,
    executor: &Executor,
    requests: &RunningRequests,
    request: Request<B>,
) -> Response<Bytes<bytes::Bytes>>
where
    B: Body<Data: Send, Error: std::fmt::Display> + Send + 'static,
{
    let (mut parts, body) = request.into_parts();
    let identity = parts
        .extensions
        .get::<Caller>()
        .map(|caller| identity(caller.clone(), &parts.headers));
    if parts.method == Method::DELETE {
        if let Some(identity) = identity {
            let ended = executor.service().end_session(&identity.caller()).await;
            if let Err(error) = ended {
                return refusals::failed(ApiError::from(&error));
            }
        }
        return plain(StatusCode::NO_CONTENT);
    }
    if parts.method != Method::POST {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED);
        let allowed = HeaderValue::from_static("POST, DELETE");
        response.headers_mut().insert(header::ALLOW, allowed);
        return response;
    }
    refusals::widen_accept(&mut parts.headers);
    let called_as = refusals::CalledAs::of(&parts);
    let (bytes, message) = match refusals::message(body).await {
        Ok(message) => message,
        Err(answer) => return answer,
    };
    let begun = BegunSession::default();
    parts.extensions.insert(begun.clone());
    let caller = identity.as_ref().map(Identity::caller);
    if let Some(identity) = identity {
        parts.extensions.insert(identity);
    }
    let running = requests.begin(caller.as_ref(), &message);
    let cancelled = async {
        match &running {
            Some(running) => running.cancelled().await,
            None => std::future::pending().await,
        }
    };
    let request = Request::from_parts(parts, Full::new(bytes));
    let response = tokio::select! {
        biased;
        // What is dropped is cancelled. Nobody waits for the answer.
        () = cancelled => return plain(StatusCode::ACCEPTED),
        response = inner.oneshot(request) => response.unwrap_or_else(|never| match never {}),
    };
    if response.status().is_success() {
        requests.heed(caller.as_ref(), &message);
    }
    let mut response = refusals::in_words(response, &called_as).await;
    if let Some(id) = begun.0.get()
        && let Ok(id) = HeaderValue::from_str(id)
    {
        response.headers_mut().insert(SESSION, id);
    }
    response
}

fn plain(status: StatusCode) -> Response<Bytes<bytes::Bytes>> {
    let mut response = Response::new(Empty::new().boxed());
    *response.status_mut() = status;
    response
}

/// The id of the session that a request began.
#[derive(Clone, Debug, Default)]
struct BegunSession(Arc<OnceLock<String>>);

/// The identity of a request: the caller's session if its surface knows one, else the one that the client was given here.
fn identity(caller: Caller, headers: &HeaderMap) -> Identity {
    if caller.session.is_some() {
        return Identity::new(caller);
    }
    let given = headers.get(SESSION).and_then(|value| value.to_str().ok());
    let Some((client, id)) = given.and_then(|text| text.rsplit_once('.')) else {
        return Identity::new(caller);
    };
    of_session(caller, client, id)
}

fn of_session(caller: Caller, client: &str, id: &str) -> Identity {
    let session = SessionId::parse(id).ok().map(|id| CallerSession {
        id,
        agent: None,
        client: None,
        transport: Transport::Http,
        process: None,
    });
    let identity = Identity::new(Caller { session, ..caller });
    identity.introduce(client, "");
    identity
}

/// The identity that came with a request over HTTP.
pub(crate) fn identity_of(parts: &Parts) -> Option<&Identity> {
    parts.extensions.get()
}

/// Begins a session for a client that introduces itself and has none, and gives its identity.
pub(crate) fn begin_session(parts: &Parts, client: &str, version: &str) -> Option<Identity> {
    let identity = identity_of(parts)?;
    if identity.has_session() {
        identity.introduce(client, version);
        return Some(identity.clone());
    }
    let begun: &BegunSession = parts.extensions.get()?;
    let (name, id) = (plain_name(client), Uuid::new_v4().simple().to_string());
    let begins = of_session(identity.caller(), &name, &id);
    let _ = begun.0.set(format!("{name}.{id}"));
    Some(begins)
}
