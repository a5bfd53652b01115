//! The last comments of an issue, for the agent that has just taken it.

use super::Service;
use super::timeout::within;
use crate::domain::access::Caller;
use crate::domain::id::IssueNumber;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Millis;
use crate::ports::github::LatestComments;

/// How long the taker of an issue waits for its comments.
const PATIENCE: Millis = Millis::seconds(2);

/// What they cost in most cases.
const REQUESTS: i64 = 1;

impl Service {
    /// The latest comments of an issue, as GitHub shows them now. The agent can do without them: `None` where GitHub does not
    /// answer within two seconds or must be left alone, and where the caller has read its share of the hourly budget.
    pub async fn latest_comments(
        &self,
        caller: &Caller,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Option<LatestComments> {
        let (budget, now) = (self.github.budget(), self.clock.now());
        if budget.waiting.is_some() {
            return None;
        }
        self.reads
            .pay(&caller.principal, REQUESTS, &budget, now)
            .ok()?;
        let latest = self.github.latest_comments(repo, number);
        within(&*self.clock, PATIENCE, latest).await?.ok()
    }
}
