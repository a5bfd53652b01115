//! The event log in sentences.

use serde_json::Value;

use crate::text::one_line;

/// What an event is about: an issue, a pull request, a repository, or nothing of these.
pub(super) fn subject(event: &Value) -> String {
    let repo = one_line(event["repo"].as_str().unwrap_or_default());
    match (event["issue_number"].as_i64(), event["pr_number"].as_i64()) {
        (Some(issue), _) => format!("{repo}#{issue}"),
        (None, Some(pull)) => format!("{repo}!{pull}"),
        (None, None) => repo,
    }
}

/// What happened, without its subject: `took it`, `gave it back: needs a database`.
pub(super) fn sentence(event: &Value) -> String {
    let details = &event["details"];
    let word = |of: &Value, name: &str| one_line(of[name].as_str().unwrap_or_default());
    let note = match details["note"].as_str() {
        Some(note) => format!(": {}", one_line(note)),
        None => String::new(),
    };
    let by = match details["source"].as_str() {
        Some("webhook" | "sync") => " (GitHub)",
        _ => "",
    };
    let status = word(details, "status").replace('_', " ");
    let kind = event["type"].as_str().unwrap_or_default();
    match kind {
        "claim.created" => "took it".to_owned(),
        "claim.updated" => format!("{status}{by}{note}"),
        "claim.released" => format!("gave it back{note}"),
        "claim.stale" => "stale: no sign of life".to_owned(),
        "claim.auto_released" => format!("free again{note}"),
        "claim.given" => format!(
            "was given it, from {}{note}",
            word(details, "from_agent_id")
        ),
        "claim.moved" => format!(
            "was transferred from {}#{}",
            word(details, "from_repo"),
            details["from_issue_number"]
        ),
        "claim.competing_pr" => format!("another pull request closes it too{note}"),
        "followup.created" => format!(
            "feedback: {}",
            word(details, "source_event_type").replace('_', " ")
        ),
        "followup.claimed" => "got the feedback".to_owned(),
        "followup.updated" => format!("feedback {status}{by}{note}"),
        "followup.done" => format!("feedback answered{note}"),
        "followup.dismissed" => format!("feedback dismissed{note}"),
        "followup.stale" => "feedback stale: no sign of life".to_owned(),
        "followup.held_back" => format!("feedback of {} was kept back", word(details, "author")),
        "issue.parked" => format!("parked by {}{note}", word(details, "by")),
        "issue.offered" => format!("offered again{note}"),
        "issue.unblocked" => format!(
            "closed: {} issues waited for it, {} are ready",
            details["dependents"], details["ready"]
        ),
        "dependencies.cycle" => {
            let issues = details["issues"].as_array().into_iter().flatten();
            let issues: Vec<String> = issues.filter_map(Value::as_str).map(one_line).collect();
            format!("block each other: {}", issues.join(", "))
        }
        "work.paused" => format!("paused{note}"),
        "work.draining" => format!("drained{note}"),
        "work.resumed" => format!("goes on{note}"),
        "policy.changed" => format!("has a new policy{note}"),
        "policy.broken" => format!("has a policy that cannot be taken{note}"),
        "webhook.received" => format!("GitHub sent {}", word(details, "event_type")),
        "sync.reconciled" => format!(
            "synced: {} repositories, {} open issues, {} new",
            details["repos_scanned"], details["open_issues_seen"], details["newly_opened_issues"]
        ),
        other => {
            let other = one_line(other).replace(['.', '_'], " ");
            format!("{other}{note}")
        }
    }
}

#[cfg(test)]
mod tests {
    use issuecommand_wire::call::EventSelection;
    use serde_json::json;

    use super::*;

    #[test]
    fn each_type_of_event_has_its_own_sentence() {
        let pattern = EventSelection::pattern();
        let types = pattern
            .trim_start_matches("^(")
            .split(')')
            .next()
            .unwrap()
            .replace("\\.", ".");
        for kind in types.split('|').filter(|kind| *kind != "webhook.rejected") {
            let told = sentence(&json!({ "type": kind, "details": {} }));
            assert_ne!(told, kind.replace(['.', '_'], " "), "{kind}");
        }
        let new = json!({ "type": "claim.brand_new", "details": { "note": "x\u{1b}" } });
        assert_eq!(sentence(&new), "claim brand new: x\\u{1b}");
    }

    #[test]
    fn a_subject_is_an_issue_or_a_pull_request() {
        let (repo, number) = ("acme/web", 7);
        assert_eq!(
            subject(&json!({ "repo": repo, "issue_number": number, "pr_number": 9 })),
            "acme/web#7"
        );
        assert_eq!(
            subject(&json!({ "repo": repo, "pr_number": number })),
            "acme/web!7"
        );
        assert_eq!(subject(&json!({})), "");
    }
}
