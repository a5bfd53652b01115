//! Decodes events about pull requests, reviews and comments.

use issuecommand_core::domain::followup::{FeedbackEvent, Resolution, SourceId};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::{
    GithubEvent, Ignored, PullChange, PullRequestRef, RepoRef, Voice,
};
use serde::Deserialize;
use serde_json::Value;

use super::payload::Payload;
use crate::api_types::pulls::Before;

/// The most comments of one thread that are read, from the first.
const THREAD_MAX: usize = 1_000;

/// A thread of line comments.
#[derive(Debug, Deserialize)]
struct ThreadRow {
    comments: Vec<Value>,
}

pub(super) fn pull_request(payload: &Payload<'_>) -> Result<GithubEvent, Ignored> {
    payload.is_about(&["pull_request"])?;
    let (repo, number) = (payload.repo()?, payload.number("pull_request")?);
    let row = payload.pull("pull_request");
    let action = payload
        .action()
        .ok_or_else(|| payload.unfit("it has no action"))?;
    let change = match action {
        "opened" | "edited" | "ready_for_review" => PullChange::Facts,
        "closed" if row.merged() => PullChange::Facts,
        "closed" => PullChange::ClosedOrReopened(row.closed_at.or(row.updated_at)),
        "reopened" => PullChange::ClosedOrReopened(row.updated_at),
        "synchronize" => PullChange::Pushed(row.updated_at),
        other => return Err(Ignored::PullAction(other.to_owned())),
    };
    let default_branch = payload.default_branch();
    let mut pull = row
        .facts(number, &repo.name, default_branch)
        .unwrap_or_else(|| row.thin_facts(number, &repo, default_branch, action != "closed"));
    if action == "synchronize" {
        let before = payload.get("before").and_then(Value::as_str);
        pull.pushed_over = before.map(str::to_owned);
    }
    if action == "edited" && payload.get("changes").is_some() {
        let was: Before = payload.row("changes").unwrap_or_default();
        pull.added = row.added(&was, &repo.name, default_branch);
    }
    Ok(GithubEvent::Pull {
        repo,
        pull,
        action: action.to_owned(),
        change,
    })
}

pub(super) fn review(payload: &Payload<'_>) -> Result<GithubEvent, Ignored> {
    payload.is_about(&["pull_request", "review"])?;
    let (repo, pull) = place(payload)?;
    let edited = match payload.action() {
        Some("submitted" | "dismissed") => false,
        Some("edited") => true,
        _ => return Err(payload.not_actionable()),
    };
    let row = payload.said("review")?;
    let verdict = if payload.action() == Some("dismissed") {
        Some(Resolution::Dismissed)
    } else {
        row.verdict()
    };
    if let Some(ending) = verdict {
        let (sources, at) = (row.withdrawn(ending), row.submitted_at);
        let reviewer = row.login().map(str::to_owned);
        if sources.is_empty() && reviewer.is_none() {
            return Err(payload.not_actionable());
        }
        return Ok(GithubEvent::Withdrawn {
            repo,
            pull,
            sources,
            ending,
            reviewer,
            at,
        });
    }
    let kind = row.review_kind().ok_or_else(|| payload.not_actionable())?;
    let (mut source, mut voice) = row.review(kind);
    if edited {
        voice.as_of = source.updated_at.or(pull.at);
    }
    // This time also changes for other reasons than an edit of the text.
    source.updated_at = None;
    Ok(said(repo, pull, source, voice))
}

pub(super) fn comment_on_a_line(payload: &Payload<'_>) -> Result<GithubEvent, Ignored> {
    payload.is_about(&["pull_request", "comment"])?;
    let (repo, pull) = place(payload)?;
    let row = || payload.said("comment");
    match payload.action() {
        Some("created") => {
            let (mut source, voice) = row()?.on_a_line();
            // A draft is reported when its review is submitted, whatever its age. This was the pull request's last change.
            source.updated_at = source.updated_at.max(pull.at);
            Ok(said(repo, pull, source, voice))
        }
        Some("edited") => {
            let (source, voice) = row()?.on_a_line();
            Ok(said(repo, pull, source, voice))
        }
        Some("deleted") => {
            let source = SourceId::review_comment(row()?.id);
            Ok(deleted(repo, pull, source))
        }
        _ => Err(payload.not_actionable()),
    }
}

pub(super) fn thread(payload: &Payload<'_>) -> Result<GithubEvent, Ignored> {
    payload.is_about(&["pull_request", "thread"])?;
    let (repo, pull) = place(payload)?;
    let resolved = match payload.action() {
        Some("resolved") => true,
        Some("unresolved") => false,
        _ => return Err(payload.not_actionable()),
    };
    let comments = payload.row::<ThreadRow>("thread")?.comments;
    let id = |comment: &Value| comment.get("id").and_then(Value::as_i64);
    let ids = comments.iter().take(THREAD_MAX).filter_map(id);
    let sources: Vec<SourceId> = ids.map(SourceId::review_comment).collect();
    if sources.is_empty() {
        return Err(payload.unfit("its thread has no comments"));
    }
    let at = payload.moment("updated_at").or(pull.at);
    Ok(if resolved {
        GithubEvent::Withdrawn {
            repo,
            pull,
            sources,
            ending: Resolution::Resolved,
            reviewer: None,
            at,
        }
    } else {
        GithubEvent::Unresolved {
            repo,
            pull,
            sources,
            at,
        }
    })
}

/// A comment on a pull request or on an issue, which GitHub reports with the same event.
pub(super) fn comment(payload: &Payload<'_>) -> Result<GithubEvent, Ignored> {
    payload.is_about(&["issue", "comment"])?;
    let (repo, number) = (payload.repo()?, payload.number("issue")?);
    let half = payload
        .get("issue")
        .and_then(|issue| issue.get("pull_request"))
        .filter(|half| !half.is_null());
    let Some(half) = half else {
        return comment_on_an_issue(payload, repo, number).ok_or_else(|| payload.not_actionable());
    };
    let mut pull = payload.pull("issue").glance(number, &repo.name, None);
    // As an issue, a pull request has no branches, and its end shows only whether it was merged.
    pull.facts = None;
    let merged_at = half.get("merged_at").and_then(Value::as_str);
    if merged_at.and_then(Timestamp::parse).is_some() {
        pull.open = None;
    }
    let row = || payload.said("comment");
    match payload.action() {
        Some("created" | "edited") => {
            let (source, voice) = row()?.under_it();
            Ok(said(repo, pull, source, voice))
        }
        Some("deleted") => {
            let source = SourceId::issue_comment(row()?.id);
            Ok(deleted(repo, pull, source))
        }
        _ => Err(payload.not_actionable()),
    }
}

fn comment_on_an_issue(
    payload: &Payload<'_>,
    repo: RepoRef,
    number: IssueNumber,
) -> Option<GithubEvent> {
    let action = payload.action()?;
    if !matches!(action, "created" | "edited" | "deleted") {
        return None;
    }
    let (source, voice) = payload.said("comment").ok()?.under_it();
    Some(GithubEvent::IssueComment {
        repo,
        number,
        author: source.requested_by,
        voice,
        at: source.updated_at.or(source.created_at),
        action: action.to_owned(),
    })
}

fn place(payload: &Payload<'_>) -> Result<(RepoRef, PullRequestRef), Ignored> {
    let (repo, number) = (payload.repo()?, payload.number("pull_request")?);
    let row = payload.pull("pull_request");
    let pull = row.glance(number, &repo.name, payload.default_branch());
    Ok((repo, pull))
}

fn said(repo: RepoRef, pull: PullRequestRef, source: FeedbackEvent, voice: Voice) -> GithubEvent {
    GithubEvent::Feedback {
        repo,
        pull,
        source,
        voice,
    }
}

fn deleted(repo: RepoRef, pull: PullRequestRef, source: SourceId) -> GithubEvent {
    GithubEvent::Withdrawn {
        repo,
        pull,
        sources: vec![source],
        ending: Resolution::Deleted,
        reviewer: None,
        at: None,
    }
}
