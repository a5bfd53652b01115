//! Sends requests: headers, timeouts, the rate limiter, one retry, and redirects.

mod errors;
mod judge;

use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::domain::failure::GithubError;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::ports::github::Budget;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, IF_NONE_MATCH, USER_AGENT};
use reqwest::{Method, StatusCode, Url};
use serde_json::Value;

use super::attempt_error::AttemptError;
use super::endpoint::Endpoint;
use super::etag;
use super::failover::{Failover, Route};
use super::rate_limiter::RateLimiters;
use super::response::Answer;
use super::settings::{InvalidSettings, RestSettings};
use super::skew::Skew;
use super::transport::RawRequest;

/// The most redirects that are followed in a row.
const HOPS: usize = 5;
/// The media type of a file's own text.
const RAW: &str = "application/vnd.github.raw+json";
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
    answer_cap: usize,
    clock: Arc<dyn Clock>,
    routes: Failover,
    limiters: RateLimiters,
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
            routes: Failover::of(settings, &base, Arc::clone(&clock))?,
            limiters: RateLimiters::new(Arc::clone(&clock), settings.at_once, settings.timeout),
            base,
            headers,
            clock,
            answer_cap: settings.answer_cap,
            skew: Skew::default(),
        })
    }

    /// The present time of the clock that measures waits.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The budget of the credential for what belongs to no owner.
    pub(super) fn budget(&self) -> Budget {
        let route = self.routes.at(self.routes.first(None));
        self.limiters.of(&route.credentials.id(None)).budget()
    }

    /// See [`issuecommand_core::ports::github::GitHub::skew`].
    pub(super) fn skew(&self) -> Millis {
        self.skew.at(self.now())
    }

    /// The present time on GitHub's clock, as far as it is known.
    pub(super) fn github_now(&self) -> Timestamp {
        self.now().plus(self.skew())
    }

    /// The endpoint of an API path that belongs to no repository, given without a leading slash.
    pub(super) fn at(&self, path: &str) -> Endpoint {
        let mut url = self.base.clone();
        url.set_path(&format!(
            "{}/{path}",
            self.base.path().trim_end_matches('/')
        ));
        Endpoint {
            url,
            owner: None,
            raw: false,
        }
    }

    /// The endpoint of a repository, or of a path below it.
    pub(super) fn of_repo(&self, repo: &RepoName, path: &str) -> Endpoint {
        let path = format!("repos/{repo}/{path}");
        Endpoint {
            owner: Some(repo.owner().to_owned()),
            ..self.at(path.trim_end_matches('/'))
        }
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
        endpoint: Endpoint,
        validator: Option<&str>,
    ) -> Result<Answer, GithubError> {
        self.ask(Method::GET, endpoint, validator, None).await
    }

    /// Sends a GET and follows redirects within GitHub. For objects such as repositories, which stay the same when they move.
    pub(super) async fn get_following(
        &self,
        endpoint: Endpoint,
        validator: Option<&str>,
    ) -> Result<Answer, GithubError> {
        let mut answer = self.get(endpoint, validator).await?;
        for _ in 0..HOPS {
            if !answer.moved() {
                return Ok(answer);
            }
            let Some(target) = answer.target().filter(|target| self.is_own(&target.url)) else {
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
    pub(super) async fn patch(
        &self,
        endpoint: Endpoint,
        body: &Value,
    ) -> Result<Answer, GithubError> {
        self.ask(Method::PATCH, endpoint, None, Some(body)).await
    }

    /// Tries the first route, and after a failure the later ones that may succeed. If all fail, the first error is returned,
    /// because it is that of the preferred route.
    async fn ask(
        &self,
        method: Method,
        endpoint: Endpoint,
        validator: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer, GithubError> {
        let owner = endpoint.owner();
        let request = self.request(method, &endpoint, body);
        let writes = body.is_some();
        let (mut place, mut told) = (self.routes.first(owner), None);
        loop {
            let route = self.routes.at(place);
            let mut result = self.once(route, &endpoint, &request, validator).await;
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
                result = self.once(route, &endpoint, &request, validator).await;
            }
            let failed = match result {
                Ok(answer) => {
                    self.routes.led(place, owner);
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            let next = self.routes.after(place, owner, &failed, writes);
            let first = told.get_or_insert(failed.error);
            match next {
                None => return Err(first.clone()),
                Some(next) => {
                    if next < place {
                        // Back at the preferred route, its error is the one to report.
                        told = None;
                    }
                    place = next;
                }
            }
        }
    }

    fn request(&self, method: Method, endpoint: &Endpoint, body: Option<&Value>) -> RawRequest {
        let mut headers = self.headers.clone();
        if endpoint.raw {
            headers.insert(ACCEPT, HeaderValue::from_static(RAW));
        }
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        RawRequest {
            method,
            url: endpoint.url.clone(),
            headers,
            body: body.map(|body| body.to_string().into_bytes()),
        }
    }

    async fn once(
        &self,
        route: &Route,
        endpoint: &Endpoint,
        raw: &RawRequest,
        validator: Option<&str>,
    ) -> Result<Answer, AttemptError> {
        let request = format!("{} {}", raw.method, raw.url.path());
        let credential = route.credentials.id(endpoint.owner());
        let limiter = self.limiters.of(&credential);
        // Held until the answer's limits are recorded, so that no request is sent in between.
        let _permit = limiter
            .enter()
            .await
            .map_err(|shut| self.shut(&request, shut))?;
        // A validator that is not valid in a header is dropped; an unconditional request is correct too.
        let etag = validator
            .and_then(|bound| etag::unbind(&credential, bound))
            .and_then(|etag| HeaderValue::from_str(etag).ok());
        let conditional = etag.is_some();
        let mut raw = raw.clone();
        if let Some(etag) = etag {
            raw.headers.insert(IF_NONE_MATCH, etag);
        }
        let sent = async {
            let token = route.credentials.authorize(endpoint.owner()).await?;
            let transport = &route.transport;
            transport.send(&raw, token.as_ref(), self.answer_cap).await
        };
        let reply = sent
            .await
            .map_err(|broken| self.broken(&request, &broken))?;
        let answer = Answer {
            unchanged: conditional && reply.status == StatusCode::NOT_MODIFIED,
            validator: etag::bound(&credential, &reply.headers),
            request,
            endpoint: endpoint.clone(),
            status: reply.status,
            headers: reply.headers,
            body: reply.body,
        };
        // Limits are recorded even if the body is incomplete, because they are in the headers.
        self.judge(route.name, &limiter, &answer)?;
        match reply.broken {
            None => Ok(answer),
            Some(broken) => Err(self.broken(&answer.request, &broken)),
        }
    }
}

#[cfg(test)]
mod tests;
