//! Records what an answer says of limits and time, and tells answers from errors.

use issuecommand_core::domain::failure::GithubErrorKind;
use metrics::counter;
use reqwest::StatusCode;

use super::Client;
use crate::rest::attempt_error::AttemptError;
use crate::rest::rate_limit_headers::{RateLimitHeaders, is_limit, is_unexplained, wait};
use crate::rest::rate_limiter::RateLimiter;
use crate::rest::response::Answer;
use crate::rest::transport::FailureCause;

impl Client {
    /// Records the limits of an answer, and turns an error status into an error.
    pub(super) fn judge(
        &self,
        route: &'static str,
        limiter: &RateLimiter,
        answer: &Answer,
    ) -> Result<(), AttemptError> {
        let (status, message) = (answer.status, answer.message());
        let signs = RateLimitHeaders::read(&answer.headers, self.now());
        if let Some(skew) = signs.skew(self.now()) {
            self.skew.measured(skew, self.now());
        }
        let asked_for = wait(status, &signs, message.as_deref());
        let success = status.is_success() || status == StatusCode::NOT_MODIFIED;
        let waiting = limiter.learn(&signs, asked_for, success);
        counter!("issuecommand_github_requests_total", "backend" => route, "status" => status.as_str().to_owned())
            .increment(1);
        tracing::debug!(
            name: "github.asked",
            way = route,
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
