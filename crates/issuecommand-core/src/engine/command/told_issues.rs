//! The issues that a command's message from GitHub brings whole.

use crate::domain::issue::{Issue, IssueLookup};
use crate::domain::repo_name::RepoName;
use crate::domain::webhook::GithubEvent;
use crate::engine::command::Action;

impl Action {
    /// The issues that GitHub tells by this command, each with the name of the repository that it is in. A delivery may know its
    /// repository by two names; the issue then stands under each.
    pub(crate) fn told_issues(&self) -> Vec<(&RepoName, &Issue)> {
        if let Self::RecordIssues { repo, issues, .. } = self {
            issues.iter().map(|issue| (repo, issue)).collect()
        } else if let Self::RecordIssue { repo, seen, .. } = self {
            of_lookup(repo, seen).into_iter().collect()
        } else if let Self::ProcessDelivery { meaning, .. } | Self::ApplyPolledEvent(meaning) = self
        {
            of_event(meaning)
        } else {
            Vec::new()
        }
    }

    /// The repository that an issue comes from which GitHub tells was transferred.
    pub(crate) fn transfers_from(&self) -> Option<&RepoName> {
        if let Self::RecordIssue { repo, seen, .. } = self {
            let moved = matches!(seen, IssueLookup::Transferred { .. });
            return moved.then_some(repo);
        }
        let (Self::ProcessDelivery { meaning, .. } | Self::ApplyPolledEvent(meaning)) = self else {
            return None;
        };
        if let GithubEvent::Transferred { from, .. } = &**meaning {
            Some(&from.name)
        } else {
            None
        }
    }

    /// Whether GitHub tells that a bot changed an issue.
    pub(crate) fn is_by_bot(&self) -> bool {
        let Self::ProcessDelivery { meaning, .. } = self else {
            return false;
        };
        matches!(**meaning, GithubEvent::Issue { by_bot: true, .. })
    }
}

fn of_lookup<'a>(repo: &'a RepoName, seen: &'a IssueLookup) -> Option<(&'a RepoName, &'a Issue)> {
    match seen {
        IssueLookup::Issue { issue, .. } => Some((repo, issue)),
        IssueLookup::Transferred { to, issue, .. } => Some((&to.name, issue)),
        IssueLookup::Unchanged | IssueLookup::PullRequest | IssueLookup::Withheld(_) => None,
    }
}

fn of_event(event: &GithubEvent) -> Vec<(&RepoName, &Issue)> {
    if let GithubEvent::Issue { repo, issue, .. } = event {
        let known = repo.facts.iter().map(|facts| &facts.name);
        let names = std::iter::once(&repo.name).chain(known);
        names.map(|name| (name, &**issue)).collect()
    } else if let GithubEvent::Transferred { to, issue, .. } = event {
        vec![(&to.name, issue)]
    } else {
        Vec::new()
    }
}
