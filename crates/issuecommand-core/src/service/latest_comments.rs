//! The last comments of an issue, for the agent that has just claimed it.

use super::Service;
use super::timeout::within;
use crate::domain::access::Caller;
use crate::domain::id::IssueNumber;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Millis;
use crate::ports::github::LatestComments;

/// How long a claim waits for the comments of its issue.
const PATIENCE: Millis = Millis::seconds(2);

/// Requests that the comments cost in most cases.
const REQUESTS: i64 = 1;

impl Service {
    /// The latest comments of an issue on GitHub. They are optional: `None` if GitHub does not answer within two seconds, if
    /// requests must wait, or if the caller has used its share of the hourly budget.
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
