//! One question that costs nothing of the budget and shows all that an operator must know of a credential.

use issuecommand_core::domain::failure::{GithubError, GithubErrorKind};
use issuecommand_core::domain::time::Timestamp;

use super::Rest;
use super::signs::{RateLimitHeaders, http_date};

/// What GitHub says of the credential and of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The scopes of a classic token; `None` for any other, whose permissions GitHub does not tell.
    pub scopes: Option<Vec<String>>,
    /// Requests that remain in this hour, and how many an hour has; `None` where GitHub sets no limit.
    pub budget: Option<(i64, i64)>,
    /// GitHub's time, to the second.
    pub time: Option<Timestamp>,
}

/// Whether the repositories that a credential sees can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// They can.
    Fine,
    /// There are more than 10,000, at least so many.
    TooMany(u64),
    /// The credential may not, as an installation's may not.
    Refused,
}

impl Rest {
    /// Asks for the first page of the list of repositories, and how many pages it has.
    ///
    /// # Errors
    /// As any request; a refusal of the list alone is no error.
    pub async fn listing(&self) -> Result<Listing, GithubError> {
        let mut url = self.client.at("user/repos");
        url.query_pairs_mut()
            .append_pair("per_page", super::PER_PAGE);
        let answer = match self.client.get(url, None).await {
            Ok(answer) => answer,
            Err(error) if error.status == Some(403) && error.kind == GithubErrorKind::Refused => {
                return Ok(Listing::Refused);
            }
            Err(error) => return Err(error),
        };
        Ok(match super::pages::last(&answer.headers) {
            Some(pages) if pages > super::PAGES as u64 => Listing::TooMany((pages - 1) * 100),
            _ => Listing::Fine,
        })
    }

    /// Asks GitHub who it takes us for.
    ///
    /// # Errors
    /// What any request meets: a refused credential, no connection, an answer that cannot be read.
    pub async fn probe(&self) -> Result<Probe, GithubError> {
        // An Enterprise that sets no limits answers 404, with the same headers.
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
