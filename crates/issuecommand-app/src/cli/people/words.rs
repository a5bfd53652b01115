//! The service's answers in the words of the command line. Its own messages are written for models and name their tools.

use serde_json::Value;

use crate::text::one_line;

/// What a refusal or failure says, for people.
pub(super) fn message(body: &Value) -> String {
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    let claim = &body["claim"];
    let issue = || issue(claim);
    match (text("reason"), text("error")) {
        ("already_claimed", _) => {
            format!(
                "{} is held by {} ({})",
                issue(),
                text("owner_agent_id"),
                status(claim)
            )
        }
        ("agent_mismatch", _) if claim.is_object() => {
            format!(
                "{} is held by {} ({})",
                issue(),
                text("owner_agent_id"),
                status(claim)
            )
        }
        ("invalid_issue", _) if body["why"].is_object() => no_work(&body["why"]),
        (_, "read_only_key") => "the key of this service may look and change nothing".to_owned(),
        (_, "unauthorized") if body["message"].is_null() => {
            "the service does not know the key".to_owned()
        }
        _ => {
            let message = text("message");
            let words = if message.is_empty() {
                text("error")
            } else {
                message
            };
            without_tools(words)
        }
    }
}

/// What to do next.
pub(super) fn hint(body: &Value) -> Option<String> {
    let reason = body["reason"].as_str().or(body["error"].as_str())?;
    let claim = &body["claim"];
    Some(match reason {
        "already_claimed" if body["may_take_over_at"].is_string() => format!(
            "It is stale. Take it: issuecommand claim {} --take-over",
            issue(claim)
        ),
        "already_claimed" => "What is free: issuecommand list --ready".to_owned(),
        "invalid_issue" if body["why"].is_object() => "Why: issuecommand explain".to_owned(),
        "paused" => "Who is paused and why: issuecommand status".to_owned(),
        "unauthorized" => "Sign in: issuecommand login URL".to_owned(),
        "read_only_key" => "Sign in with another key: issuecommand login URL".to_owned(),
        "outcome_unknown" => "Look what was done: issuecommand list".to_owned(),
        _ => return None,
    })
}

/// The issue of a claim.
pub(super) fn issue(claim: &Value) -> String {
    format!(
        "{}#{}",
        one_line(claim["repo"].as_str().unwrap_or_default()),
        claim["issue_number"]
    )
}

/// The status of a claim or follow-up.
pub(super) fn status(of: &Value) -> String {
    of["status"].as_str().unwrap_or_default().replace('_', " ")
}

fn no_work(why: &Value) -> String {
    let considered = why["considered"].as_u64().unwrap_or(0);
    match considered {
        0 => "there is no open issue to take".to_owned(),
        1 => "there is one open issue, and it is not handed out now".to_owned(),
        n => format!("there are {n} open issues, and none of them is handed out now"),
    }
}

/// The sentences that name no tool of an MCP client.
fn without_tools(message: &str) -> String {
    const TOOLS: [&str; 10] = [
        "GET /api/",
        "get_my_work",
        "next_issue",
        "next_work",
        "list_open_issues",
        "list_repos",
        "claim_issue",
        "get_claim_history",
        "get_issue_details",
        "update_claim_status",
    ];
    let sentences: Vec<&str> = message.split_inclusive(". ").collect();
    let kept: Vec<&str> = sentences
        .iter()
        .copied()
        .filter(|sentence| !TOOLS.iter().any(|tool| sentence.contains(tool)))
        .collect();
    if kept.is_empty() {
        return message.to_owned();
    }
    kept.concat().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn people_are_told_no_names_of_tools() {
        let shown = message(&json!({ "error": "issue_not_found",
            "message": "GitHub shows no issue acme/web#9. list_open_issues shows the issues of a repository." }));
        assert_eq!(shown, "GitHub shows no issue acme/web#9.");
        assert_eq!(
            message(&json!({ "error": "x", "message": "next_work alone." })),
            "next_work alone."
        );
    }

    #[test]
    fn a_holder_is_named() {
        let body = json!({ "reason": "already_claimed", "owner_agent_id": "codex-2", "may_take_over_at": "2026",
            "claim": { "repo": "acme/api", "issue_number": 812, "status": "pr_submitted" } });
        assert_eq!(
            message(&body),
            "acme/api#812 is held by codex-2 (pr submitted)"
        );
        assert_eq!(
            hint(&body).unwrap(),
            "It is stale. Take it: issuecommand claim acme/api#812 --take-over"
        );
    }
}
