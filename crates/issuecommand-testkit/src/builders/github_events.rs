//! Builders of GitHub's events about pull requests.

mod feedback;

use issuecommand_core::domain::followup::{Resolution, SourceId, SourceKind};
use issuecommand_core::domain::issue::{Issue, WithheldReason};
use issuecommand_core::domain::pull_request::PullRequestSnapshot;
use issuecommand_core::domain::time::{Millis, Timestamp};
use issuecommand_core::domain::webhook::{
    AuthMethod, Delivery, GithubEvent, PullChange, PullRequestRef, RepoRef,
};
use issuecommand_core::engine::command::{Action, Command};

pub use self::feedback::{SourceDraft, comment, line_comment, review};
use super::{facts, number, repo};

/// GitHub's clock, this many minutes after the start of a test's clock.
pub fn minute(n: i64) -> Timestamp {
    Timestamp(1_772_352_000_000).plus(Millis::minutes(n))
}

/// A repository as in a full payload.
pub fn place(name: &str) -> RepoRef {
    RepoRef {
        name: repo(name),
        facts: Some(facts(name)),
    }
}

/// A builder of a pull request.
#[derive(Clone, Debug)]
pub struct PullDraft {
    name: String,
    pull: PullRequestSnapshot,
}

/// An open pull request of a trusted author, last changed at [`minute`] 0. It was opened after every claim of a test that does
/// not let months pass.
pub fn pull(name: &str, n: i64) -> PullDraft {
    PullDraft {
        name: name.to_owned(),
        pull: PullRequestSnapshot {
            head: Some("c0ffee".to_owned()),
            updated_at: Some(minute(0)),
            has_text: true,
            trusted: true,
            created_at: Some(minute(100_000)),
            author: Some("ann".to_owned()),
            base: Some("main".to_owned()),
            base_sha: Some("ba5e".to_owned()),
            ..PullRequestSnapshot::thin(
                number(n),
                format!("Pull request {n}"),
                format!("https://github.com/{name}/pull/{n}"),
            )
        },
    }
}

impl PullDraft {
    /// Last changed at that minute.
    #[must_use]
    pub fn at(mut self, n: i64) -> Self {
        self.pull.updated_at = Some(minute(n));
        self
    }

    /// From a branch of this name.
    #[must_use]
    pub fn branch(mut self, name: &str) -> Self {
        self.pull.branch = Some(name.to_owned());
        self
    }

    /// Opened at that minute.
    #[must_use]
    pub fn created(mut self, n: i64) -> Self {
        self.pull.created_at = Some(minute(n));
        self
    }

    /// With a text that was edited just now and closes these issues.
    #[must_use]
    pub fn reworded(mut self, issues: &[(&str, i64)]) -> Self {
        self = self.closes(issues);
        self.pull.added.clone_from(&self.pull.closes);
        self
    }

    /// With this title.
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        title.clone_into(&mut self.pull.title);
        self
    }

    /// Closing these issues.
    #[must_use]
    pub fn closes(mut self, issues: &[(&str, i64)]) -> Self {
        let issues = issues.iter().map(|(name, n)| (repo(name), number(*n)));
        self.pull.closes = issues.collect();
        self
    }

    /// By an author without write access.
    #[must_use]
    pub fn of_a_stranger(mut self) -> Self {
        self.pull.trusted = false;
        self
    }

    /// With this commit at its head, force-pushed over that one.
    #[must_use]
    pub fn head_over(self, sha: &str, before: &str) -> Self {
        let mut draft = self.head(sha);
        draft.pull.pushed_over = Some(before.to_owned());
        draft
    }

    /// With this commit at its head.
    #[must_use]
    pub fn head(mut self, sha: &str) -> Self {
        self.pull.head = Some(sha.to_owned());
        self
    }

    /// Closed without a merge.
    #[must_use]
    pub fn closed(mut self) -> Self {
        self.pull.open = false;
        self
    }

    /// Merged.
    #[must_use]
    pub fn merged(mut self) -> Self {
        (self.pull.open, self.pull.merged) = (false, true);
        self.pull.merged_at = self.pull.updated_at;
        self.pull.closed_at = self.pull.updated_at;
        self
    }

    /// GitHub's data of it.
    pub fn facts(&self) -> PullRequestSnapshot {
        self.pull.clone()
    }

    fn means(self, action: &str, change: PullChange) -> GithubEvent {
        GithubEvent::Pull {
            repo: place(&self.name),
            pull: self.pull,
            action: action.to_owned(),
            change,
        }
    }

    /// It was opened.
    pub fn opened(self) -> GithubEvent {
        self.means("opened", PullChange::Facts)
    }

    /// Its text was changed.
    pub fn edited(self) -> GithubEvent {
        self.means("edited", PullChange::Facts)
    }

    /// Its head moved, at its last change.
    pub fn pushed(self) -> GithubEvent {
        let at = self.pull.updated_at;
        self.means("synchronize", PullChange::Pushed(at))
    }

    /// It was merged, at its last change.
    pub fn ended_by_merge(self) -> GithubEvent {
        self.merged().means("closed", PullChange::Facts)
    }

    /// It was closed without a merge, at its last change.
    pub fn ended_unmerged(self) -> GithubEvent {
        let at = self.pull.updated_at;
        let mut closed = self.closed();
        closed.pull.closed_at = at;
        closed.means("closed", PullChange::ClosedOrReopened(at))
    }

    /// Its text was changed while it was closed.
    pub fn edited_while_closed(self) -> GithubEvent {
        self.closed().means("edited", PullChange::Facts)
    }

    /// It was opened again, at its last change.
    pub fn reopened(self) -> GithubEvent {
        let at = self.pull.updated_at;
        self.means("reopened", PullChange::ClosedOrReopened(at))
    }

    /// The part of it that comes with a review or comment.
    fn glance(&self, kind: SourceKind) -> PullRequestRef {
        // A comment under a pull request comes with it as an issue, without its branches.
        let whole = kind != SourceKind::PrComment;
        PullRequestRef {
            number: self.pull.number,
            title: Some(self.pull.title.clone()),
            url: Some(self.pull.url.clone()),
            open: Some(self.pull.open),
            at: self.pull.updated_at,
            facts: whole.then(|| self.pull.clone()),
        }
    }

    /// A review or comment on it.
    pub fn said(&self, said: SourceDraft) -> GithubEvent {
        GithubEvent::Feedback {
            repo: place(&self.name),
            pull: self.glance(said.source.kind),
            source: said.source,
            voice: said.voice,
        }
    }

    /// A review of it was dismissed.
    pub fn dismissed(&self, review: i64) -> GithubEvent {
        self.withdrawn(vec![SourceId::review(review)], Resolution::Dismissed)
    }

    /// This review, which that login submitted at that minute, was dismissed.
    pub fn dismissed_of(&self, review: i64, login: &str, n: i64) -> GithubEvent {
        self.verdict(
            vec![SourceId::review(review)],
            Resolution::Dismissed,
            login,
            n,
        )
    }

    /// That login approved at that minute.
    pub fn approved(&self, login: &str, n: i64) -> GithubEvent {
        self.verdict(Vec::new(), Resolution::Approved, login, n)
    }

    fn verdict(
        &self,
        sources: Vec<SourceId>,
        ending: Resolution,
        login: &str,
        n: i64,
    ) -> GithubEvent {
        GithubEvent::Withdrawn {
            repo: place(&self.name),
            pull: self.glance(SourceKind::ReviewChangesRequested),
            sources,
            ending,
            reviewer: Some(login.to_owned()),
            at: Some(minute(n)),
        }
    }

    /// A comment under it was deleted.
    pub fn deleted(&self, comment: i64) -> GithubEvent {
        self.withdrawn(vec![SourceId::issue_comment(comment)], Resolution::Deleted)
    }

    /// A thread of these line comments was resolved, at its last change.
    pub fn resolved(&self, comments: &[i64]) -> GithubEvent {
        let sources = comments.iter().copied().map(SourceId::review_comment);
        self.withdrawn(sources.collect(), Resolution::Resolved)
    }

    /// A thread of these line comments was reopened, at its last change.
    pub fn unresolved(&self, comments: &[i64]) -> GithubEvent {
        let sources = comments.iter().copied().map(SourceId::review_comment);
        GithubEvent::Unresolved {
            repo: place(&self.name),
            pull: self.glance(SourceKind::ReviewComment),
            sources: sources.collect(),
            at: self.pull.updated_at,
        }
    }

    fn withdrawn(&self, sources: Vec<SourceId>, ending: Resolution) -> GithubEvent {
        GithubEvent::Withdrawn {
            repo: place(&self.name),
            pull: self.glance(SourceKind::ReviewComment),
            sources,
            ending,
            reviewer: None,
            at: None,
        }
    }
}

/// An event about an issue.
pub fn told(name: &str, issue: impl Into<Issue>, action: &str) -> GithubEvent {
    GithubEvent::Issue {
        repo: place(name),
        issue: Box::new(issue.into()),
        action: action.to_owned(),
        gone: match action {
            "deleted" => Some(WithheldReason::Gone),
            "transferred" => Some(WithheldReason::Moved),
            _ => None,
        },
        by_bot: false,
    }
}

/// A signed delivery with that id, or without one.
pub fn delivery(id: Option<&str>, meaning: &GithubEvent) -> Delivery {
    let event = match meaning {
        GithubEvent::Feedback { source, .. } => match source.kind {
            SourceKind::ReviewChangesRequested => "pull_request_review",
            SourceKind::ReviewComment => "pull_request_review_comment",
            SourceKind::PrComment => "issue_comment",
        },
        GithubEvent::Withdrawn { ending, .. } if *ending == Resolution::Resolved => {
            "pull_request_review_thread"
        }
        GithubEvent::Unresolved { .. } => "pull_request_review_thread",
        GithubEvent::Withdrawn { .. } => "pull_request_review",
        GithubEvent::Pull { .. } => "pull_request",
        GithubEvent::Issue { .. } | GithubEvent::Transferred { .. } => "issues",
        GithubEvent::Dependency { .. } => "issue_dependencies",
        GithubEvent::SubIssue { .. } => "sub_issues",
        GithubEvent::IssueComment { .. } => "issue_comment",
        GithubEvent::Relabelled { .. } => "label",
        GithubEvent::Member { .. } => "member",
        GithubEvent::Repo { .. } => "repository",
        GithubEvent::Access { .. } => "installation_repositories",
        GithubEvent::Ping => "ping",
        GithubEvent::Ignored(_) => "star",
    };
    Delivery {
        id: id.map(str::to_owned),
        event: event.to_owned(),
        auth: AuthMethod::Signature,
    }
}

/// GitHub delivers this event.
pub fn deliver(id: &str, meaning: GithubEvent) -> Command {
    Command::system(Action::ProcessDelivery {
        delivery: delivery(Some(id), &meaning),
        meaning: Box::new(meaning),
    })
}

/// A poll found this event.
pub fn hear(meaning: GithubEvent) -> Command {
    Command::system(Action::ApplyPolledEvent(Box::new(meaning)))
}
