//! Issues, repositories, and what we may see of them.

use issuecommand_core::issue::Doubt;
use issuecommand_core::webhook::{Ignored, Meaning};

use super::payload::Payload;
use crate::shapes::IssueRow;

/// All that an event about nothing but a repository has. Many events have a repository and an action, and more than these.
const OF_A_REPOSITORY: [&str; 7] = [
    "action",
    "repository",
    "organization",
    "sender",
    "installation",
    "enterprise",
    "changes",
];

pub(super) fn issue(payload: &Payload<'_>) -> Result<Meaning, Ignored> {
    payload.is_about(&["issue"])?;
    let repo = payload.repo()?;
    let action = payload.action().ok_or_else(|| payload.not_actionable())?;
    let gone = match action {
        "opened" | "edited" | "labeled" | "unlabeled" | "assigned" | "unassigned"
        | "milestoned" | "demilestoned" | "closed" | "reopened" => None,
        "deleted" => Some(Doubt::Gone),
        "transferred" => Some(Doubt::Moved),
        _ => return Err(payload.not_actionable()),
    };
    let issue = payload
        .row::<IssueRow>("issue")?
        .issue()
        // Milestones of pull requests are told as those of issues.
        .ok_or_else(|| payload.not_actionable())?;
    Ok(Meaning::Issue {
        repo,
        issue: Box::new(issue),
        action: action.to_owned(),
        gone,
    })
}

pub(super) fn repository(payload: &Payload<'_>) -> Result<Meaning, Ignored> {
    if let Some(foreign) = payload.names().find(|name| !OF_A_REPOSITORY.contains(name)) {
        return Err(payload.unfit(&format!("it has {}", short(foreign))));
    }
    let repo = payload.repo()?;
    match payload.action() {
        Some(
            action @ ("renamed" | "transferred" | "archived" | "unarchived" | "privatized"
            | "publicized" | "deleted"),
        ) => Ok(Meaning::Repo {
            repo,
            action: action.to_owned(),
            deleted: action == "deleted",
        }),
        _ => Err(payload.not_actionable()),
    }
}

/// The repositories that the credential sees may be others now. Which ones, GitHub is asked.
pub(super) fn installation(payload: &Payload<'_>) -> Result<Meaning, Ignored> {
    // Every payload that reaches an app says which installation it is for; only these say more of it.
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
    Ok(Meaning::Access {
        action: action.to_owned(),
    })
}

pub(super) fn ping(payload: &Payload<'_>) -> Result<Meaning, Ignored> {
    let hook = ["zen", "hook", "hook_id"];
    if hook.iter().any(|name| payload.get(name).is_some()) {
        return Ok(Meaning::Ping);
    }
    Err(payload.unfit("it says nothing of a webhook"))
}

/// The beginning of a name that anybody may have chosen.
fn short(name: &str) -> String {
    name.chars().take(40).collect()
}
