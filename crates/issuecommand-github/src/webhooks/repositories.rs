//! Decodes events about issues, repositories and access.

use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::WithheldReason;
use issuecommand_core::domain::webhook::{GithubEvent, Ignored, RepoRef};
use serde::Deserialize;
use serde_json::Value;

use super::payload::Payload;
use crate::api_types::IssueRow;
use crate::api_types::pulls::repo_seen;

/// All fields of an event that is only about a repository. Other events with a repository and an action have more.
const OF_A_REPOSITORY: [&str; 7] = [
    "action",
    "repository",
    "organization",
    "sender",
    "installation",
    "enterprise",
    "changes",
];

pub(super) fn issue(payload: &Payload<'_>) -> Result<GithubEvent, Ignored> {
    payload.is_about(&["issue"])?;
    let repo = payload.repo()?;
    let action = payload.action().ok_or_else(|| payload.not_actionable())?;
    let gone = match action {
        "opened" | "edited" | "labeled" | "unlabeled" | "assigned" | "unassigned"
        | "milestoned" | "demilestoned" | "closed" | "reopened" => None,
        "deleted" => Some(WithheldReason::Gone),
        "transferred" => Some(WithheldReason::Moved),
        _ => return Err(payload.not_actionable()),
    };
    if let Some(transfer) = transfer(payload, &repo, action) {
        return Ok(transfer);
    }
    let issue = payload
        .row::<IssueRow>("issue")?
        .issue()
        // Milestones of pull requests are reported as those of issues.
        .ok_or_else(|| payload.not_actionable())?;
    Ok(GithubEvent::Issue {
        repo,
        issue: Box::new(issue),
        action: action.to_owned(),
        gone,
        by_bot: by_bot(payload),
    })
}

/// Whether a bot's action caused the event.
fn by_bot(payload: &Payload<'_>) -> bool {
    let sender = payload.get("sender");
    sender.and_then(|sender| sender.get("type")) == Some(&Value::from("Bot"))
}

/// The transfer of an issue, if the payload names both ends. Both repositories report it: the old one with the new issue under
/// `changes`, the new one with the old issue there.
fn transfer(payload: &Payload<'_>, repo: &RepoRef, action: &str) -> Option<GithubEvent> {
    let changes = payload.get("changes")?;
    let issue_of = |value: &Value| IssueRow::deserialize(value).ok()?.issue();
    let number_of = |value: &Value| value.get("number")?.as_i64().and_then(IssueNumber::new);
    let own = payload.get("issue")?;
    match action {
        "transferred" => Some(GithubEvent::Transferred {
            from: repo.clone(),
            number: number_of(own)?,
            to: repo_seen(changes.get("new_repository")?)?,
            issue: Box::new(issue_of(changes.get("new_issue")?)?),
            arrived: false,
        }),
        "opened" => Some(GithubEvent::Transferred {
            from: repo_seen(changes.get("old_repository")?)?,
            number: number_of(changes.get("old_issue")?)?,
            to: repo.clone(),
            issue: Box::new(issue_of(own)?),
            arrived: true,
        }),
        _ => None,
    }
}

/// A label or milestone of the repository itself, not of an issue.
pub(super) fn relabelled(payload: &Payload<'_>, what: &str) -> Result<GithubEvent, Ignored> {
    payload.is_about(&[])?;
    if payload.get(what).is_none_or(|value| !value.is_object()) {
        return Err(payload.unfit(&format!("it has no {what}")));
    }
    let repo = payload.repo()?;
    match payload.action() {
        Some(action @ ("edited" | "deleted" | "opened" | "closed")) => {
            Ok(GithubEvent::Relabelled {
                repo,
                action: action.to_owned(),
            })
        }
        // No issue has a new label or milestone yet.
        _ => Err(payload.not_actionable()),
    }
}

/// The permission of an account in a repository has changed.
pub(super) fn member(payload: &Payload<'_>) -> Result<GithubEvent, Ignored> {
    payload.is_about(&[])?;
    let login = payload
        .get("member")
        .and_then(|member| member.get("login")?.as_str())
        .ok_or_else(|| payload.unfit("it has no member"))?;
    let repo = payload.repo()?;
    match payload.action() {
        Some(action @ ("added" | "edited" | "removed")) => Ok(GithubEvent::Member {
            repo,
            login: login.to_owned(),
            action: action.to_owned(),
        }),
        _ => Err(payload.not_actionable()),
    }
}

pub(super) fn repository(payload: &Payload<'_>) -> Result<GithubEvent, Ignored> {
    if let Some(foreign) = payload.names().find(|name| !OF_A_REPOSITORY.contains(name)) {
        return Err(payload.unfit(&format!("it has {}", short(foreign))));
    }
    let repo = payload.repo()?;
    match payload.action() {
        Some(
            action @ ("renamed" | "transferred" | "archived" | "unarchived" | "privatized"
            | "publicized" | "deleted"),
        ) => Ok(GithubEvent::Repo {
            repo,
            action: action.to_owned(),
            deleted: action == "deleted",
        }),
        _ => Err(payload.not_actionable()),
    }
}

/// The repositories that the credential sees may have changed. GitHub is asked for the list.
pub(super) fn installation(payload: &Payload<'_>) -> Result<GithubEvent, Ignored> {
    // Every payload to an App names its installation; only these contain more about it.
    let tells = match payload.event {
        "installation" => payload
            .get("installation")
            .is_some_and(|installation| installation.get("account").is_some()),
        "installation_repositories" => {
            payload.get("repositories_added").is_some()
                || payload.get("repositories_removed").is_some()
        }
        _ => payload.get("installation").is_some() && payload.get("account").is_some(),
    };
    if !tells {
        return Err(payload.unfit("it says nothing of an installation"));
    }
    let action = payload.action().ok_or_else(|| payload.not_actionable())?;
    Ok(GithubEvent::Access {
        action: action.to_owned(),
    })
}

pub(super) fn ping(payload: &Payload<'_>) -> Result<GithubEvent, Ignored> {
    let hook = ["zen", "hook", "hook_id"];
    if hook.iter().any(|name| payload.get(name).is_some()) {
        return Ok(GithubEvent::Ping);
    }
    Err(payload.unfit("it says nothing of a webhook"))
}

/// The beginning of a name that anyone may have chosen.
fn short(name: &str) -> String {
    name.chars().take(40).collect()
}
