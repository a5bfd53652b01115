//! Every call once: its kind of access, and its result for a key of another repository.

use serde_json::{Value, json};

use crate::world::API;

/// The kind of access of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// It reads.
    Read,
    /// It reads the agent's own rows.
    ReadOwn,
    /// It changes something.
    Write,
}

/// The result for a key of another repository than the requested one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OtherRepoResult {
    /// A refusal.
    No(u16, &'static str),
    /// The rows of its own repository.
    OwnRows,
    /// The same for every key.
    Same,
}

pub(super) struct CallCase {
    pub(super) tool: &'static str,
    pub(super) arguments: Value,
    pub(super) access: Access,
    pub(super) other_repo: OtherRepoResult,
    /// Whether HTTP has it too.
    pub(super) http: bool,
}

/// Every call of ann in `acme/api`, where she has this claim and this follow-up waits, in an order in which all succeed.
pub(super) fn call_cases(claim: &str, item: &str) -> Vec<CallCase> {
    use Access::{Read, ReadOwn, Write};
    use OtherRepoResult::{No, OwnRows};
    let forbidden = No(403, "repo_not_allowed");
    let mut all = Vec::new();
    let mut case = |tool, arguments, access, other_repo| {
        all.push(CallCase {
            tool,
            arguments,
            access,
            other_repo,
            http: !matches!(tool, "get_my_claims" | "get_claim_history"),
        });
    };
    let ann = || json!({ "agent_id": "ann" });
    case("list_repos", json!({}), Read, OwnRows);
    case("list_open_issues", json!({ "repo": API }), Read, forbidden);
    let issue = json!({ "repo": API, "issue_number": 2 });
    case("get_issue_details", issue, Read, forbidden);
    case("get_all_claims", json!({}), Read, OwnRows);
    case("get_all_claims", json!({ "repo": API }), Read, OwnRows);
    case("get_all_claims", ann(), Read, OwnRows);
    case("get_followups", json!({}), Read, OwnRows);
    case("get_followups", json!({ "repo": API }), Read, OwnRows);
    case("get_claim_history", json!({}), Read, OwnRows);
    case("system_health", json!({}), Read, OwnRows);
    case("explain_work", ann(), ReadOwn, OwnRows);
    case("get_my_claims", ann(), ReadOwn, OwnRows);
    case("get_my_work", ann(), ReadOwn, OwnRows);

    let taken = json!({ "agent_id": "ann", "repo": API, "issue_number": 3 });
    case("claim_issue", taken, Write, forbidden);
    let next = json!({ "agent_id": "ann", "repo": API });
    case("next_issue", next.clone(), Write, forbidden);
    let moved = json!({ "agent_id": "ann", "claim_id": claim, "status": "in_progress" });
    case(
        "update_claim_status",
        moved,
        Write,
        No(404, "claim_not_found"),
    );
    let gone = json!({ "agent_id": "ann", "claim_id": claim });
    case("release_issue", gone, Write, No(404, "claim_not_found"));
    let begun = json!({ "agent_id": "ann", "work_item_id": item, "status": "in_progress" });
    case("update_followup_status", begun, Write, No(404, "not_found"));
    case("next_work", next, Write, forbidden);
    all
}
