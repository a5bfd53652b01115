//! Sends requests: headers, timeouts, the rate limiter, one retry, and redirects.

mod errors;

use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::domain::failure::{GithubError, GithubErrorKind};
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::ports::github::Budget;
use metrics::counter;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, IF_NONE_MATCH, USER_AGENT};
use reqwest::{Method, StatusCode, Url};
use secrecy::SecretString;
use serde_json::Value;

use super::attempt_error::AttemptError;
use super::failover::{Failover, Route};
use super::rate_limit_headers::{RateLimitHeaders, is_limit, is_unexplained, wait};
use super::response::Answer;
use super::settings::{InvalidSettings, RestSettings};
use super::skew::Skew;
use super::transport::{FailureCause, RawRequest};

/// The most redirects that are followed in a row.
const HOPS: usize = 5;
/// The path of the API on GitHub Enterprise.
const ENTERPRISE: &str = "/api/v3";
/// The pause before the retry.
const PAUSE: Duration = Duration::from_millis(200);

/// A client with one or more routes to GitHub.
#[derive(Debug)]
pub(super) struct Client {
    base: Url,
    /// The headers of every request.
    headers: HeaderMap,
    /// Known here so that it can be removed from error texts.
    token: Option<SecretString>,
    answer_cap: usize,
    routes: Failover,
    /// The clock difference measured by the last answer.
    skew: Skew,
}

impl Client {
    pub(super) fn new(
        settings: &RestSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidSettings> {
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
        let agent = HeaderValue::from_str(settings.user_agent.trim())
            .map_err(|_| InvalidSettings::UserAgent)?;
        if agent.is_empty() {
            return Err(InvalidSettings::UserAgent);
        }
        headers.insert(USER_AGENT, agent);
        Ok(Self {
            routes: Failover::of(settings, &base, clock)?,
            base,
            headers,
            token: settings.token.clone(),
            answer_cap: settings.answer_cap,
            skew: Skew::default(),
        })
    }

    /// The present time of the clock that measures waits.
    pub(super) fn now(&self) -> Timestamp {
        self.routes.at(self.routes.first()).limiter.now()
    }

    pub(super) fn budget(&self) -> Budget {
        self.routes.at(self.routes.first()).limiter.budget()
    }

    /// See [`issuecommand_core::ports::github::GitHub::skew`].
    pub(super) fn skew(&self) -> Millis {
        self.skew.at(self.now())
    }

    /// The present time on GitHub's clock, as far as it is known.
    pub(super) fn github_now(&self) -> Timestamp {
        self.now().plus(self.skew())
    }

    /// The URL of an API path, given without a leading slash.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!(
            "{}/{path}",
            self.base.path().trim_end_matches('/')
        ));
        url
    }

    /// The URL of a link's path and query on the configured base. The base's path is prepended if the link's path lacks it, and
    /// replaces the `/api/v3` of GitHub Enterprise if it differs.
    pub(super) fn on_own_base(&self, link: &str) -> Option<Url> {
        let link = self.base.join(link).ok()?;
        let base = self.base.path().trim_end_matches('/');
        let under = |path: &str, prefix: &str| {
            let rest = path.strip_prefix(prefix);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let path = link.path();
        let path = if !base.is_empty() && under(path, base) {
            path.to_owned()
        } else if under(path, ENTERPRISE) {
            format!("{base}{}", &path[ENTERPRISE.len()..])
        } else {
            format!("{base}{path}")
        };
        let mut url = self.base.clone();
        url.set_path(&path);
        url.set_query(link.query());
        Some(url)
    }

    fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.base.origin() && url.username().is_empty() && url.password().is_none()
    }

    /// Sends a GET. 2xx, 3xx, 404 and 410 are answers; everything else is an error. A broken connection or a 5xx is retried
    /// once, because one lost page fails a whole sync. A timeout is not retried, because its caller has waited long enough. A
    /// validator of another credential than the request's is not sent.
    pub(super) async fn get(
        &self,
        url: Url,
        validator: Option<&str>,
    ) -> Result<Answer, GithubError> {
        self.ask(Method::GET, url, validator, None).await
    }

    /// Sends a GET and follows redirects within GitHub. For objects such as repositories, which stay the same when they move.
    pub(super) async fn get_following(
        &self,
        url: Url,
        validator: Option<&str>,
    ) -> Result<Answer, GithubError> {
        let mut answer = self.get(url, validator).await?;
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
            answer = self.get(target, validator).await?;
        }
        Err(self.unexpected(&answer.request, "too many redirects"))
    }

    /// Sends a PATCH. Never retried if GitHub may have received it.
    pub(super) async fn patch(&self, url: Url, body: &Value) -> Result<Answer, GithubError> {
        self.ask(Method::PATCH, url, None, Some(body)).await
    }

    /// Tries the first route, and after a failure the later ones that may succeed. If all fail, the first error is returned,
    /// because it is that of the preferred route.
    async fn ask(
        &self,
        method: Method,
        url: Url,
        validator: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer, GithubError> {
        let question = self.question(method, url, body);
        let writes = question.body.is_some();
        let (mut place, mut told) = (self.routes.first(), None);
        loop {
            let route = self.routes.at(place);
            let mut result = self.once(route, &question, validator).await;
            if !writes
                && matches!(
                    result,
                    Err(AttemptError {
                        transient: true,
                        ..
                    })
                )
            {
                tokio::time::sleep(PAUSE).await;
                result = self.once(route, &question, validator).await;
            }
            let failed = match result {
                Ok(answer) => {
                    self.routes.led(place);
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            let next = self.routes.after(place, &failed, writes);
            let told = told.get_or_insert(failed.error);
            match next {
                Some(next) => place = next,
                None => return Err(told.clone()),
            }
        }
    }

    fn question(&self, method: Method, url: Url, body: Option<&Value>) -> RawRequest {
        let mut headers = self.headers.clone();
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        RawRequest {
            method,
            url,
            headers,
            body: body.map(|body| body.to_string().into_bytes()),
        }
    }

    async fn once(
        &self,
        route: &Route,
        question: &RawRequest,
        validator: Option<&str>,
    ) -> Result<Answer, AttemptError> {
        let request = format!("{} {}", question.method, question.url.path());
        // Held until the answer's limits are recorded, so that no request is sent in between.
        let _permit = route
            .limiter
            .enter()
            .await
            .map_err(|shut| self.shut(&request, shut))?;
        // A validator that is not valid in a header is dropped; an unconditional request is correct too.
        let etag = validator
            .and_then(|bound| route.credential.unbind(bound))
            .and_then(|etag| HeaderValue::from_str(etag).ok());
        let conditional = etag.is_some();
        let mut question = question.clone();
        if let Some(etag) = etag {
            question.headers.insert(IF_NONE_MATCH, etag);
        }
        let reply = route
            .transport
            .send(&question, self.answer_cap)
            .await
            .map_err(|broken| self.broken(&request, &broken))?;
        let answer = Answer {
            unchanged: conditional && reply.status == StatusCode::NOT_MODIFIED,
            validator: route.credential.bound(&reply.headers),
            request,
            url: question.url,
            status: reply.status,
            headers: reply.headers,
            body: reply.body,
        };
        // Limits are recorded even if the body is incomplete, because they are in the headers.
        self.judge(route, &answer)?;
        match reply.broken {
            None => Ok(answer),
            Some(broken) => Err(self.broken(&answer.request, &broken)),
        }
    }

    /// Records the limits of an answer, and turns an error status into an error.
    fn judge(&self, route: &Route, answer: &Answer) -> Result<(), AttemptError> {
        let (status, message) = (answer.status, answer.message());
        let signs = RateLimitHeaders::read(&answer.headers, self.now());
        if let Some(skew) = signs.skew(self.now()) {
            self.skew.measured(skew, self.now());
        }
        let asked_for = wait(status, &signs, message.as_deref());
        let success = status.is_success() || status == StatusCode::NOT_MODIFIED;
        let waiting = route.limiter.learn(&signs, asked_for, success);
        counter!("issuecommand_github_requests_total", "backend" => route.name, "status" => status.as_str().to_owned())
            .increment(1);
        tracing::debug!(
            name: "github.asked",
            way = route.name,
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
        let mut why = match status {
            StatusCode::UNAUTHORIZED => FailureCause::Credential,
            StatusCode::FORBIDDEN if answer.wants_sign_on(message.as_deref()) => {
                FailureCause::SignOn
            }
            _ => FailureCause::Answer,
        };
        if is_limit(status, &signs, message.as_deref()) {
            error.kind = GithubErrorKind::Limited;
            why = FailureCause::Limit;
            if is_unexplained(status, &signs, message.as_deref()) {
                error
                    .detail
                    .push_str(", without a reason: taken for a limit");
            }
            tracing::warn!(
                name: "github.limited",
                request = answer.request,
                wait_ms = waiting.map(|length| length.0),
                "GitHub limits us"
            );
        }
        error.retry_after = waiting;
        Err(AttemptError {
            transient: status.is_server_error() && waiting.is_none(),
            sent: why == FailureCause::Answer,
            why,
            error,
        })
    }
}
