//! Builders of issues as GitHub returns them.

use issuecommand_core::domain::issue::{Issue, IssueFacts, IssueState, Milestone};
use issuecommand_core::domain::time::{Millis, Timestamp};

use super::number;

/// A builder of an issue.
#[derive(Clone, Debug)]
pub struct IssueDraft(Issue);

/// An open issue without labels. Issues are opened an hour apart, in the order of their numbers.
pub fn issue(n: i64) -> IssueDraft {
    let created_at = Timestamp(1_735_689_600_000).plus(Millis::minutes(60 * n));
    IssueDraft(Issue {
        number: number(n),
        title: format!("Issue {n}"),
        body: String::new(),
        state: IssueState::Open,
        labels: Vec::new(),
        assignees: Vec::new(),
        milestone: None,
        author: Some("octocat".to_owned()),
        created_at,
        updated_at: created_at,
        url: format!("https://github.com/acme/api/issues/{n}"),
        more: IssueFacts::default(),
    })
}

impl IssueDraft {
    /// With this title.
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        title.clone_into(&mut self.0.title);
        self
    }

    /// With these facts that not every message has.
    #[must_use]
    pub fn more(mut self, more: IssueFacts) -> Self {
        self.0.more = more;
        self
    }

    /// With this text.
    #[must_use]
    pub fn body(mut self, body: &str) -> Self {
        body.clone_into(&mut self.0.body);
        self
    }

    /// With these labels.
    #[must_use]
    pub fn labels(mut self, labels: &[&str]) -> Self {
        self.0.labels = labels.iter().map(|&label| label.to_owned()).collect();
        self
    }

    /// Assigned to these.
    #[must_use]
    pub fn assignees(mut self, logins: &[&str]) -> Self {
        self.0.assignees = logins.iter().map(|&login| login.to_owned()).collect();
        self
    }

    /// In this milestone.
    #[must_use]
    pub fn milestone(mut self, number: i64, title: &str) -> Self {
        self.0.milestone = Some(Milestone {
            number,
            title: title.to_owned(),
        });
        self
    }

    /// Closed.
    #[must_use]
    pub fn closed(mut self) -> Self {
        self.0.state = IssueState::Closed;
        self
    }

    /// Opened at that time, and not changed since.
    #[must_use]
    pub fn opened(mut self, at: Timestamp) -> Self {
        (self.0.created_at, self.0.updated_at) = (at, at);
        self
    }

    /// Changed so many minutes after it was opened.
    #[must_use]
    pub fn changed(mut self, minutes: i64) -> Self {
        self.0.updated_at = self.0.created_at.plus(Millis::minutes(minutes));
        self
    }

    /// The issue.
    pub fn build(self) -> Issue {
        self.0
    }
}

impl From<IssueDraft> for Issue {
    fn from(draft: IssueDraft) -> Self {
        draft.0
    }
}
