//! Sending requests: headers, time-outs, the shared budget, one second try, redirects by hand.

mod errors;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::failure::{GithubError, GithubErrorKind};
use issuecommand_core::time::Clock;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, IF_NONE_MATCH, USER_AGENT};
use reqwest::{Method, Response, StatusCode, Url, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use self::errors::{Failed, chain};
use super::answer::Answer;
use super::budget::Gate;
use super::etag::Credential;
use super::settings::{BadSettings, RestSettings};
use super::signs::{Signs, is_limit, wait};

/// How many redirects are followed one after the other.
const HOPS: usize = 5;
/// The pause before the one second try.
const PAUSE: Duration = Duration::from_millis(200);

/// One credential's way to GitHub.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
    token: SecretString,
    answer_cap: usize,
    pub(super) credential: Credential,
    pub(super) gate: Gate,
}

impl Client {
    pub(super) fn new(settings: &RestSettings, clock: Arc<dyn Clock>) -> Result<Self, BadSettings> {
        let base = settings.base()?;
        let mut headers = HeaderMap::new();
        headers.insert(
            ACCEPT,
            HeaderValue::from_static("application/vnd.github+json"),
        );
        headers.insert(
            "x-github-api-version",
            HeaderValue::from_static("2022-11-28"),
        );
        headers.insert(AUTHORIZATION, settings.authorization()?);
        let agent = HeaderValue::from_str(settings.user_agent.trim())
            .map_err(|_| BadSettings::UserAgent)?;
        if agent.is_empty() {
            return Err(BadSettings::UserAgent);
        }
        headers.insert(USER_AGENT, agent);
        // An error says that another part of the program chose a provider before: any is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .default_headers(headers)
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.timeout)
            .redirect(redirect::Policy::none());
        if is_loopback(&base) {
            // A proxy of the environment cannot mean this machine.
            builder = builder.no_proxy();
        }
        let http = builder
            .build()
            .map_err(|error| BadSettings::Client(chain(&error)))?;
        Ok(Self {
            http,
            base,
            token: settings.token.clone(),
            answer_cap: settings.answer_cap,
            credential: Credential::of(settings.token.expose_secret()),
            gate: Gate::new(clock, settings.at_once, settings.timeout),
        })
    }

    /// The address of a path of the API, given without a slash before it.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!(
            "{}/{path}",
            self.base.path().trim_end_matches('/')
        ));
        url
    }

    /// Reads an address that an answer held; `None` when the token must not be sent there.
    pub(super) fn own(&self, url: &str) -> Option<Url> {
        Url::parse(url).ok().filter(|url| self.is_own(url))
    }

    fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.base.origin() && url.username().is_empty() && url.password().is_none()
    }

    /// Reads. An answer is 2xx, 3xx, 404 or 410; all else is an error. A read that broke off or met a 5xx is tried once
    /// more, for GitHub drops a request now and then and a page lost is a whole sync lost; one that timed out is not, for
    /// its caller has waited long enough.
    pub(super) async fn get(&self, url: Url, etag: Option<&str>) -> Result<Answer, GithubError> {
        match self.once(Method::GET, url.clone(), etag, None).await {
            Err(Failed { passing: true, .. }) => {
                tokio::time::sleep(PAUSE).await;
                self.once(Method::GET, url, etag, None)
                    .await
                    .map_err(|failed| failed.error)
            }
            result => result.map_err(|failed| failed.error),
        }
    }

    /// Reads, and follows redirects within GitHub. For what keeps its identity when it moves, as a repository does.
    pub(super) async fn get_following(
        &self,
        url: Url,
        etag: Option<&str>,
    ) -> Result<Answer, GithubError> {
        let mut answer = self.get(url, etag).await?;
        for _ in 0..HOPS {
            if !answer.moved() {
                return Ok(answer);
            }
            let Some(target) = answer.target().filter(|target| self.is_own(target)) else {
                return Err(self.unexpected(
                    &answer.request,
                    "a redirect that does not lead to another place of the same GitHub",
                ));
            };
            answer = self.get(target, etag).await?;
        }
        Err(self.unexpected(&answer.request, "too many redirects"))
    }

    /// Writes; never tried again by itself.
    pub(super) async fn patch(&self, url: Url, body: &Value) -> Result<Answer, GithubError> {
        self.once(Method::PATCH, url, None, Some(body))
            .await
            .map_err(|failed| failed.error)
    }

    async fn once(
        &self,
        method: Method,
        url: Url,
        etag: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer, Failed> {
        let request = format!("{method} {}", url.path());
        // Held until the limits of the answer are known, so that none slips out in between.
        let _permit = self
            .gate
            .enter()
            .await
            .map_err(|shut| self.shut(&request, shut))?;
        let mut builder = self.http.request(method, url.clone());
        // A validator that no header can hold is none: the plain request does no harm.
        if let Some(etag) = etag.and_then(|etag| HeaderValue::from_str(etag).ok()) {
            builder = builder.header(IF_NONE_MATCH, etag);
        }
        if let Some(body) = body {
            builder = builder.json(body);
        }
        let response = builder
            .send()
            .await
            .map_err(|error| self.broken(&request, error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let (body, broken) = match self.body(&request, response).await {
            Ok(body) => (body, None),
            Err(failed) => (Vec::new(), Some(failed)),
        };
        let answer = Answer {
            request,
            url,
            status,
            headers,
            body,
        };
        // Limits are learnt even where the body broke off: what counts stands in the headers.
        self.judge(&answer)?;
        broken.map_or(Ok(answer), Err)
    }

    /// The whole body, up to the cap.
    async fn body(&self, request: &str, mut response: Response) -> Result<Vec<u8>, Failed> {
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.broken(request, error))?
        {
            if body.len() + chunk.len() > self.answer_cap {
                return Err(self.unexpected(request, "the answer is too long").into());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// Takes note of limits, and turns what is no answer into an error.
    fn judge(&self, answer: &Answer) -> Result<(), Failed> {
        let (status, message) = (answer.status, answer.message());
        let signs = Signs::read(&answer.headers, self.gate.now());
        let asked_for = wait(status, &signs, message.as_deref());
        let success = status.is_success() || status == StatusCode::NOT_MODIFIED;
        let waiting = self.gate.learn(&signs, asked_for, success);
        tracing::debug!(
            request = answer.request,
            status = status.as_u16(),
            remaining = signs.remaining,
            "asked GitHub"
        );
        let told = status.is_success() || status.is_redirection();
        if told || matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(());
        }
        let mut error = self.refusal(answer);
        if is_limit(status, &signs, message.as_deref()) {
            error.kind = GithubErrorKind::Limited;
            tracing::warn!(
                request = answer.request,
                wait_ms = waiting.map(|length| length.0),
                "GitHub limits us"
            );
        }
        error.retry_after = waiting;
        Err(Failed {
            passing: status.is_server_error() && waiting.is_none(),
            error,
        })
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
