//! Events as sentences.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_wire::record::{EventDetails, EventRecord};

use super::{Html, View};

/// Who did what to what, and why.
pub(super) fn sentence(view: &View, event: &EventRecord) -> Html {
    let mut html = Html(words(view, event));
    if let Some(by) = &event.by {
        html = html.tag(", by ").text(&by.key_name);
    }
    match note(&event.details) {
        Some(note) => html
            .tag("<div class=\"why\">")
            .tag(&view.long(note).0)
            .tag("</div>"),
        None => html,
    }
}

fn words(view: &View, event: &EventRecord) -> String {
    let agent = event.agent_id.as_deref().map(|agent| view.agent(agent).0);
    let agent = agent.unwrap_or_else(|| "somebody".to_owned());
    let issue = place(view, event, false);
    let pull = place(view, event, true);
    match (event.kind, &event.details) {
        ("claim.created", _) => format!("{agent} took {issue}"),
        ("claim.updated", EventDetails::Moved { status, .. }) => match status.0 {
            ClaimStatus::InProgress => format!("{agent} works on {issue}"),
            ClaimStatus::PrSubmitted => format!("{agent} has a pull request for {issue}"),
            ClaimStatus::PrMerged => format!("the pull request for {issue} was merged ({agent})"),
            ClaimStatus::Closed => format!("{issue} was closed ({agent})"),
            ClaimStatus::Claimed | ClaimStatus::Stale | ClaimStatus::Released => {
                format!("{issue} is {} ({agent})", status.0.as_str())
            }
        },
        (
            "claim.moved",
            EventDetails::Transferred {
                from_repo,
                from_issue_number,
                ..
            },
        ) => {
            let from = from_repo.as_deref().zip(*from_issue_number);
            let from = from.map(|(repo, number)| format!(" from {}", view.issue(repo, &number)));
            format!(
                "{issue} was transferred{} ({agent})",
                from.unwrap_or_default()
            )
        }
        ("claim.released", _) => format!("{agent} gave {issue} back"),
        ("claim.stale", _) => format!("{agent} has gone silent on {issue}"),
        ("claim.auto_released", _) => {
            format!("{issue} was taken from {agent}, silent for too long")
        }
        ("claim.competing_pr", _) => format!("another pull request closes {issue} ({agent})"),
        ("claim.given", EventDetails::Given { from_agent_id, .. }) => {
            format!(
                "{issue} was given to {agent}, from {}",
                view.agent(from_agent_id)
            )
        }
        ("followup.created", _) => format!("feedback came on {pull}"),
        (
            "followup.claimed",
            EventDetails::FollowupClaimed {
                claimed_by_agent_id,
            },
        ) => {
            format!(
                "{} took the feedback on {pull}",
                view.agent(claimed_by_agent_id)
            )
        }
        ("followup.updated", _) => format!("the feedback on {pull} changed"),
        ("followup.done", _) => format!("the feedback on {pull} was answered"),
        ("followup.dismissed", _) => format!("the feedback on {pull} was dismissed"),
        ("followup.stale", _) => format!("nobody works on the feedback on {pull} any more"),
        ("followup.held_back", EventDetails::HeldBack { author, .. }) => {
            let author = author.as_deref().unwrap_or("a deleted account");
            let author = Html::default().text(author).0;
            format!("feedback of {author} on {pull} is kept from agents: no write access")
        }
        ("issue.parked", EventDetails::Parked { by, .. }) => {
            format!("{issue} was parked by {}", Html::default().text(by))
        }
        ("issue.offered", _) => format!("{issue} is offered again"),
        ("issue.unblocked", EventDetails::Unblocked { dependents, ready }) => {
            format!("{issue} was closed; of {dependents} that waited for it {ready} can be taken")
        }
        ("dependencies.cycle", EventDetails::Cycle { issues }) => {
            let issues = Html::default().text(&issues.join(" → "));
            format!("issues wait for each other in a circle: {issues}")
        }
        ("work.paused", _) => format!("{} was paused", halted(view, event)),
        ("work.draining", _) => format!("{} takes no new issues", halted(view, event)),
        ("work.resumed", _) => format!("{} goes on", halted(view, event)),
        ("policy.changed", _) => format!("the policy of {} changed", repo(event)),
        ("policy.broken", _) => format!("the policy of {} cannot be read", repo(event)),
        ("sync.reconciled", EventDetails::Reconciled { repos_scanned, .. }) => {
            format!("GitHub was synced: {repos_scanned} repositories")
        }
        ("webhook.received", EventDetails::Webhook(_)) => {
            format!("GitHub told something of {}", repo(event))
        }
        (kind, _) => format!("{}: {issue}", Html::default().text(kind)),
    }
}

/// What an event concerns: its issue, or else its pull request (or the other way round), else its repository.
fn place(view: &View, event: &EventRecord, pull_first: bool) -> String {
    let Some(name) = event.repo.as_deref() else {
        return "work".to_owned();
    };
    let issue = event.issue_number.map(|number| view.issue(name, &number).0);
    let pull = event.pr_number.map(|number| {
        let name = Html::default().text(name);
        format!(
            "{name} {}",
            view.pull(event.repo.as_deref().unwrap_or_default(), &number)
        )
    });
    let found = if pull_first {
        pull.or(issue)
    } else {
        issue.or(pull)
    };
    found.unwrap_or_else(|| repo(event))
}

fn repo(event: &EventRecord) -> String {
    let name = event.repo.as_deref().unwrap_or("all repositories");
    Html::default().text(name).0
}

fn halted(view: &View, event: &EventRecord) -> String {
    match (&event.agent_id, &event.repo) {
        (Some(agent), _) => view.agent(agent).0,
        (None, Some(_)) => format!("work in {}", repo(event)),
        (None, None) => "all work".to_owned(),
    }
}

fn note(details: &EventDetails) -> Option<&str> {
    match details {
        EventDetails::Moved { note, .. }
        | EventDetails::FollowupMoved { note, .. }
        | EventDetails::Given { note, .. }
        | EventDetails::Parked { note, .. }
        | EventDetails::Work { note } => note.as_deref(),
        _ => None,
    }
}
