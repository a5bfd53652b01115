//! Decodes events about dependencies and sub-issues.

use issuecommand_core::domain::issue::RelatedIssue;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::webhook::{GithubEvent, Ignored, RepoRef};
use serde::Deserialize;

use super::payload::Payload;
use crate::api_types::RelatedRow;

/// An issue begins or ceases to wait for another one. GitHub tells the repositories of both.
pub(super) fn dependency(payload: &Payload<'_>) -> Result<GithubEvent, Ignored> {
    let read = || {
        let (waits, added) = match payload.action()? {
            "blocked_by_added" => (true, true),
            "blocked_by_removed" => (true, false),
            "blocking_added" => (false, true),
            "blocking_removed" => (false, false),
            _ => return None,
        };
        let (repo, action) = place(payload)?;
        let end = |name: &str, own: bool| related(payload, name, own.then_some(&repo));
        Some(GithubEvent::Dependency {
            blocked: end("blocked_issue", waits)?,
            blocking: end("blocking_issue", !waits)?,
            repo,
            added,
            action,
        })
    };
    read().ok_or_else(|| payload.not_actionable())
}

/// An issue becomes a sub-issue or ceases to be one. GitHub tells the repositories of both.
pub(super) fn sub_issue(payload: &Payload<'_>) -> Result<GithubEvent, Ignored> {
    let read = || {
        let (of_child, added) = match payload.action()? {
            "parent_issue_added" => (true, true),
            "parent_issue_removed" => (true, false),
            "sub_issue_added" => (false, true),
            "sub_issue_removed" => (false, false),
            _ => return None,
        };
        let (repo, action) = place(payload)?;
        let end = |name: &str, own: bool| related(payload, name, own.then_some(&repo));
        Some(GithubEvent::SubIssue {
            parent: end("parent_issue", !of_child)?,
            child: end("sub_issue", of_child)?,
            repo,
            added,
            action,
        })
    };
    read().ok_or_else(|| payload.not_actionable())
}

fn place(payload: &Payload<'_>) -> Option<(RepoRef, String)> {
    payload.is_about(&[]).ok()?;
    Some((payload.repo().ok()?, payload.action()?.to_owned()))
}

/// The issue in a field: in the delivery's own repository, or in the one that the payload names for the other end.
fn related(payload: &Payload<'_>, field: &str, own: Option<&RepoRef>) -> Option<RelatedIssue> {
    let row = RelatedRow::deserialize(payload.get(field)?).ok()?;
    let named = || {
        let other = payload.get(&format!("{field}_repo"))?.get("full_name")?;
        RepoName::parse(other.as_str()?).ok()
    };
    row.related(own.map(|repo| repo.name.clone()).or_else(named))
}
