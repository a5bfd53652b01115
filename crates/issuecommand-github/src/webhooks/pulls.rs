//! Pull requests and what is said on them.

use issuecommand_core::followup::{Ending, SourceId, SourceKind};
use issuecommand_core::webhook::{Ignored, Meaning, PullChange, PullGlance, RepoSeen};
use serde::Deserialize;

use super::payload::Payload;
use crate::shapes::pulls::SaidRow;

/// A thread of comments on lines.
#[derive(Debug, Deserialize)]
struct ThreadRow {
    comments: Vec<ThreadComment>,
}

#[derive(Debug, Deserialize)]
struct ThreadComment {
    id: i64,
}

pub(super) fn pull_request(payload: &Payload<'_>) -> Result<Meaning, Ignored> {
    payload.is_about(&["pull_request"])?;
    let (repo, number) = (payload.repo()?, payload.number("pull_request")?);
    let row = payload.pull("pull_request")?;
    let action = payload
        .action()
        .ok_or_else(|| payload.unfit("it has no action"))?;
    let change = match action {
        "opened" | "edited" => PullChange::Facts,
        "closed" if row.merged() => PullChange::Facts,
        "closed" => PullChange::Cut(row.closed_at.or(row.updated_at)),
        "reopened" => PullChange::Cut(row.updated_at),
        "synchronize" => PullChange::Pushed(row.updated_at),
        other => return Err(Ignored::PullAction(other.to_owned())),
    };
    let default_branch = payload.default_branch();
    let pull = row
        .facts(number, &repo.name, default_branch)
        .unwrap_or_else(|| row.thin_facts(number, &repo, default_branch, action != "closed"));
    Ok(Meaning::Pull {
        repo,
        pull,
        action: action.to_owned(),
        change,
    })
}

pub(super) fn review(payload: &Payload<'_>) -> Result<Meaning, Ignored> {
    payload.is_about(&["pull_request", "review"])?;
    let (repo, pull) = place(payload)?;
    let row = || payload.row::<SaidRow>("review");
    match payload.action() {
        Some("submitted") => {
            let row = row()?;
            if !row.is_state("changes_requested") {
                return Err(payload.not_actionable());
            }
            Ok(said(repo, pull, row, SourceKind::ReviewChangesRequested))
        }
        Some("dismissed") => Ok(Meaning::Withdrawn {
            repo,
            pull,
            sources: vec![SourceId::review(row()?.id)],
            ending: Ending::Dismissed,
        }),
        _ => Err(payload.not_actionable()),
    }
}

pub(super) fn comment_on_a_line(payload: &Payload<'_>) -> Result<Meaning, Ignored> {
    payload.is_about(&["pull_request", "comment"])?;
    let (repo, pull) = place(payload)?;
    if payload.action() != Some("created") {
        return Err(payload.not_actionable());
    }
    let row = payload.row("comment")?;
    Ok(said(repo, pull, row, SourceKind::ReviewComment))
}

pub(super) fn thread(payload: &Payload<'_>) -> Result<Meaning, Ignored> {
    payload.is_about(&["pull_request", "thread"])?;
    let (repo, pull) = place(payload)?;
    if payload.action() != Some("resolved") {
        return Err(payload.not_actionable());
    }
    let comments = payload.row::<ThreadRow>("thread")?.comments;
    if comments.is_empty() {
        return Err(payload.unfit("its thread has no comments"));
    }
    let source = |comment: ThreadComment| SourceId::review_comment(comment.id);
    Ok(Meaning::Withdrawn {
        repo,
        pull,
        sources: comments.into_iter().map(source).collect(),
        ending: Ending::Resolved,
    })
}

/// A comment under an issue means nothing, one under a pull request does; to GitHub both are comments of issues.
pub(super) fn comment(payload: &Payload<'_>) -> Result<Meaning, Ignored> {
    payload.is_about(&["issue", "comment"])?;
    let (repo, number) = (payload.repo()?, payload.number("issue")?);
    let on_a_pull = payload
        .get("issue")
        .and_then(|issue| issue.get("pull_request"))
        .is_some_and(|half| !half.is_null());
    if !on_a_pull || payload.action() != Some("created") {
        return Err(payload.not_actionable());
    }
    let mut pull = payload.pull("issue")?.glance(number, &repo.name, None);
    // As an issue it does not tell its branches, nor whether it was merged.
    pull.facts = None;
    let row = payload.row("comment")?;
    Ok(said(repo, pull, row, SourceKind::PrComment))
}

fn place(payload: &Payload<'_>) -> Result<(RepoSeen, PullGlance), Ignored> {
    let (repo, number) = (payload.repo()?, payload.number("pull_request")?);
    let row = payload.pull("pull_request")?;
    let pull = row.glance(number, &repo.name, payload.default_branch());
    Ok((repo, pull))
}

fn said(repo: RepoSeen, pull: PullGlance, row: SaidRow, kind: SourceKind) -> Meaning {
    let (source, bot) = row.source(kind);
    Meaning::Feedback {
        repo,
        pull,
        source,
        bot,
    }
}
