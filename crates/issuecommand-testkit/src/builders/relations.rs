//! Builders of what GitHub says of dependencies and sub-issues.

use issuecommand_core::domain::issue::{IssueFacts, IssuePlace, RelatedIssue, RelationCount, Said};
use issuecommand_core::domain::webhook::GithubEvent;
use issuecommand_core::engine::command::{Action, Command, SeenEdges};

use super::{number, place, repo};

/// An issue by repository and number, with its state as a message says it.
pub fn related(name: &str, n: i64, open: Option<bool>) -> RelatedIssue {
    RelatedIssue {
        place: issue_place(name, n),
        open,
    }
}

/// An issue by repository and number.
pub fn issue_place(name: &str, n: i64) -> IssuePlace {
    IssuePlace {
        repo: repo(name),
        number: number(n),
    }
}

/// A delivery to the repository `home`: the first issue begins or ceases to wait for the second one.
pub fn dependency(home: &str, of: RelatedIssue, to: RelatedIssue, added: bool) -> GithubEvent {
    let action = if added {
        "blocked_by_added"
    } else {
        "blocked_by_removed"
    };
    GithubEvent::Dependency {
        repo: place(home),
        blocked: of,
        blocking: to,
        added,
        action: action.to_owned(),
    }
}

/// A delivery to the repository `home`: the second issue becomes a sub-issue of the first one, or ceases to be one.
pub fn sub_issue(
    home: &str,
    parent: RelatedIssue,
    child: RelatedIssue,
    added: bool,
) -> GithubEvent {
    let action = if added {
        "sub_issue_added"
    } else {
        "sub_issue_removed"
    };
    GithubEvent::SubIssue {
        repo: place(home),
        parent,
        child,
        added,
        action: action.to_owned(),
    }
}

/// The facts of an issue that says it has so many open blockers.
pub fn blocked_facts(open: u32) -> IssueFacts {
    IssueFacts {
        blockers: Some(RelationCount { open, total: open }),
        ..IssueFacts::default()
    }
}

/// The facts of a sub-issue.
pub fn child_facts(parent: IssuePlace) -> IssueFacts {
    IssueFacts {
        parent: Said::Is(parent),
        ..IssueFacts::default()
    }
}

/// All blockers of an issue, and how many of them it says are open.
pub fn record_blockers(name: &str, n: i64, blockers: Vec<RelatedIssue>, open: u32) -> Command {
    let total = u32::try_from(blockers.len()).unwrap_or(u32::MAX).max(open);
    let seen = SeenEdges {
        blockers: Some(blockers),
        children: Some(Vec::new()),
        blocker_count: Some(RelationCount { open, total }),
        child_count: None,
    };
    Command::system(Action::RecordEdges {
        repo: repo(name),
        number: number(n),
        seen: Box::new(seen),
    })
}
