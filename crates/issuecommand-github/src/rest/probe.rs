//! Requests that show an operator the state of a credential.

use issuecommand_core::domain::failure::{GithubError, GithubErrorKind};
use issuecommand_core::domain::time::Timestamp;

use super::Rest;
use super::rate_limit_headers::{RateLimitHeaders, http_date};

/// What GitHub reports about the credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The scopes of a classic token; `None` for other tokens, whose permissions GitHub does not report.
    pub scopes: Option<Vec<String>>,
    /// Requests left in this hour, and the hourly limit; `None` if GitHub sets no limit.
    pub budget: Option<(i64, i64)>,
    /// GitHub's time, with a precision of one second.
    pub time: Option<Timestamp>,
}

/// Whether the repositories of a credential can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// The list can be read.
    Fine,
    /// More than 10,000 repositories; the value is a lower bound.
    TooMany(u64),
    /// GitHub refuses the list, as it does to an installation.
    Refused,
}

impl Rest {
    /// Requests the first page of the list of repositories, which says how many pages there are.
    ///
    /// # Errors
    /// The same as for any request; a refused list is not an error.
    pub async fn listing(&self) -> Result<Listing, GithubError> {
        let query = [("per_page", super::PER_PAGE)];
        let list = self.client.at("user/repos").with_query(&query);
        let answer = match self.client.get(list, None).await {
            Ok(answer) => answer,
            Err(error) if error.status == Some(403) && error.kind == GithubErrorKind::Refused => {
                return Ok(Listing::Refused);
            }
            Err(error) => return Err(error),
        };
        Ok(match super::link_header::last(&answer.headers) {
            Some(pages) if pages > super::PAGES as u64 => Listing::TooMany((pages - 1) * 100),
            _ => Listing::Fine,
        })
    }

    /// Requests GitHub's view of the credential. Costs nothing of the budget.
    ///
    /// # Errors
    /// The same as for any request: a rejected credential, no connection, an unreadable answer.
    pub async fn probe(&self) -> Result<Probe, GithubError> {
        // A GitHub Enterprise without rate limits answers 404 with the same headers.
        let answer = self
            .client
            .get_following(self.client.at("rate_limit"), None)
            .await?;
        let signs = RateLimitHeaders::read(&answer.headers, self.client.now());
        let text = |name: &str| answer.headers.get(name)?.to_str().ok();
        let scopes = text("x-oauth-scopes").map(|scopes| {
            let scopes = scopes.split(',').map(str::trim);
            let scopes = scopes.filter(|scope| !scope.is_empty());
            scopes.map(str::to_owned).collect()
        });
        Ok(Probe {
            scopes,
            budget: signs.remaining.zip(signs.limit),
            time: text("date").and_then(http_date),
        })
    }
}
