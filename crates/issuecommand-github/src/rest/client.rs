//! Sending requests: headers, time-outs, the shared budget, one second try, redirects by hand.

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

pub(super) use self::errors::Failed;
use super::answer::Answer;
use super::settings::{InvalidSettings, RestSettings};
use super::signs::{RateLimitHeaders, is_limit, is_unexplained, wait};
use super::skew::Skew;
use super::transport::{FailureCause, RawRequest};
use super::ways::{Failover, Way};

/// How many redirects are followed one after the other.
const HOPS: usize = 5;
/// Where GitHub Enterprise has its API.
const ENTERPRISE: &str = "/api/v3";
/// The pause before the one second try.
const PAUSE: Duration = Duration::from_millis(200);

/// The way to GitHub, or the ways.
#[derive(Debug)]
pub(super) struct Client {
    base: Url,
    /// What every request says.
    headers: HeaderMap,
    /// To keep it out of error texts.
    token: Option<SecretString>,
    answer_cap: usize,
    ways: Failover,
    /// GitHub's clock minus ours, in milliseconds, by the last answer.
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
            ways: settings.ways(&base, clock)?,
            base,
            headers,
            token: settings.token.clone(),
            answer_cap: settings.answer_cap,
            skew: Skew::default(),
        })
    }

    /// The present moment, by the clock that waits are measured with.
    pub(super) fn now(&self) -> Timestamp {
        self.ways.at(self.ways.first()).gate.now()
    }

    pub(super) fn budget(&self) -> Budget {
        self.ways.at(self.ways.first()).gate.budget()
    }

    /// See [`issuecommand_core::ports::github::GitHub::skew`].
    pub(super) fn skew(&self) -> Millis {
        self.skew.at(self.now())
    }

    /// GitHub's present moment, as far as it is known.
    pub(super) fn github_now(&self) -> Timestamp {
        self.now().plus(self.skew())
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

    /// The path and the query of a link, on the base that requests go to. The base's own path is put before a path that
    /// does not have it, and the `/api/v3` of GitHub Enterprise is left out where the base has another one.
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

    /// Reads. An answer is 2xx, 3xx, 404 or 410; all else is an error. A read that broke off or met a 5xx is tried once
    /// more, for GitHub drops a request now and then and a page lost is a whole sync lost; one that timed out is not, for
    /// its caller has waited long enough. A validator of another credential than the one that comes to ask is left out.
    pub(super) async fn get(
        &self,
        url: Url,
        validator: Option<&str>,
    ) -> Result<Answer, GithubError> {
        self.ask(Method::GET, url, validator, None).await
    }

    /// Reads, and follows redirects within GitHub. For what keeps its identity when it moves, as a repository does.
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

    /// Writes; never tried again where GitHub may have got it.
    pub(super) async fn patch(&self, url: Url, body: &Value) -> Result<Answer, GithubError> {
        self.ask(Method::PATCH, url, None, Some(body)).await
    }

    /// Asks the first way, and where that fails those after it that may do better. The first failure is the one that is
    /// told: it is that of the way which is preferred.
    async fn ask(
        &self,
        method: Method,
        url: Url,
        validator: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer, GithubError> {
        let question = self.question(method, url, body);
        let writes = question.body.is_some();
        let (mut place, mut told) = (self.ways.first(), None);
        loop {
            let way = self.ways.at(place);
            let mut result = self.once(way, &question, validator).await;
            if !writes && matches!(result, Err(Failed { passing: true, .. })) {
                tokio::time::sleep(PAUSE).await;
                result = self.once(way, &question, validator).await;
            }
            let failed = match result {
                Ok(answer) => {
                    self.ways.led(place);
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            let next = self.ways.after(place, &failed, writes);
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
        way: &Way,
        question: &RawRequest,
        validator: Option<&str>,
    ) -> Result<Answer, Failed> {
        let request = format!("{} {}", question.method, question.url.path());
        // Held until the limits of the answer are known, so that none slips out in between.
        let _permit = way
            .gate
            .enter()
            .await
            .map_err(|shut| self.shut(&request, shut))?;
        // A validator that no header can hold is none: the plain request does no harm.
        let etag = validator
            .and_then(|bound| way.credential.unbind(bound))
            .and_then(|etag| HeaderValue::from_str(etag).ok());
        let conditional = etag.is_some();
        let mut question = question.clone();
        if let Some(etag) = etag {
            question.headers.insert(IF_NONE_MATCH, etag);
        }
        let reply = way
            .transport
            .send(&question, self.answer_cap)
            .await
            .map_err(|broken| self.broken(&request, &broken))?;
        let answer = Answer {
            unchanged: conditional && reply.status == StatusCode::NOT_MODIFIED,
            validator: way.credential.bound(&reply.headers),
            request,
            url: question.url,
            status: reply.status,
            headers: reply.headers,
            body: reply.body,
        };
        // Limits are learnt even where the body broke off: what counts stands in the headers.
        self.judge(way, &answer)?;
        match reply.broken {
            None => Ok(answer),
            Some(broken) => Err(self.broken(&answer.request, &broken)),
        }
    }

    /// Takes note of limits, and turns what is no answer into an error.
    fn judge(&self, way: &Way, answer: &Answer) -> Result<(), Failed> {
        let (status, message) = (answer.status, answer.message());
        let signs = RateLimitHeaders::read(&answer.headers, self.now());
        if let Some(skew) = signs.skew(self.now()) {
            self.skew.measured(skew, self.now());
        }
        let asked_for = wait(status, &signs, message.as_deref());
        let success = status.is_success() || status == StatusCode::NOT_MODIFIED;
        let waiting = way.gate.learn(&signs, asked_for, success);
        counter!("issuecommand_github_requests_total", "backend" => way.name, "status" => status.as_str().to_owned())
            .increment(1);
        tracing::debug!(
            name: "github.asked",
            way = way.name,
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
        Err(Failed {
            passing: status.is_server_error() && waiting.is_none(),
            sent: why == FailureCause::Answer,
            why,
            error,
        })
    }
}
