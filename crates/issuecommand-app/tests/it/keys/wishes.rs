//! All that can be asked for, once: what it does, and what a key of another repository hears.

use serde_json::{Value, json};

use crate::world::API;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// It looks.
    Looks,
    /// It looks at what is its agent's own.
    AsksAs,
    /// It changes something.
    Acts,
}

/// What a key of another repository than the one that is spoken of hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Elsewhere {
    /// A no.
    No(u16, &'static str),
    /// What there is of its own.
    ItsOwn,
    /// What everybody hears.
    TheSame,
}

pub(super) struct Wish {
    pub(super) tool: &'static str,
    pub(super) arguments: Value,
    pub(super) does: Does,
    pub(super) elsewhere: Elsewhere,
    /// Whether HTTP has it, too.
    pub(super) http: bool,
}

/// Everything that ann may ask for in `acme/api`, where she has this claim and this follow-up waits; in an order in which all of
/// it is a yes.
pub(super) fn wishes(claim: &str, item: &str) -> Vec<Wish> {
    use Does::{Acts, AsksAs, Looks};
    use Elsewhere::{ItsOwn, No};
    let forbidden = No(403, "repo_not_allowed");
    let mut all = Vec::new();
    let mut wish = |tool, arguments, does, elsewhere| {
        all.push(Wish {
            tool,
            arguments,
            does,
            elsewhere,
            http: !matches!(tool, "get_my_claims" | "get_claim_history"),
        });
    };
    let ann = || json!({ "agent_id": "ann" });
    wish("list_repos", json!({}), Looks, ItsOwn);
    wish("list_open_issues", json!({ "repo": API }), Looks, forbidden);
    let issue = json!({ "repo": API, "issue_number": 2 });
    wish("get_issue_details", issue, Looks, forbidden);
    wish("get_all_claims", json!({}), Looks, ItsOwn);
    wish("get_all_claims", json!({ "repo": API }), Looks, ItsOwn);
    wish("get_all_claims", ann(), Looks, ItsOwn);
    wish("get_followups", json!({}), Looks, ItsOwn);
    wish("get_followups", json!({ "repo": API }), Looks, ItsOwn);
    wish("get_claim_history", json!({}), Looks, ItsOwn);
    wish("system_health", json!({}), Looks, ItsOwn);
    wish("get_my_claims", ann(), AsksAs, ItsOwn);
    wish("get_my_work", ann(), AsksAs, ItsOwn);

    let taken = json!({ "agent_id": "ann", "repo": API, "issue_number": 3 });
    wish("claim_issue", taken, Acts, forbidden);
    let next = json!({ "agent_id": "ann", "repo": API });
    wish("next_issue", next.clone(), Acts, forbidden);
    let moved = json!({ "agent_id": "ann", "claim_id": claim, "status": "in_progress" });
    wish(
        "update_claim_status",
        moved,
        Acts,
        No(404, "claim_not_found"),
    );
    let gone = json!({ "agent_id": "ann", "claim_id": claim });
    wish("release_issue", gone, Acts, No(404, "claim_not_found"));
    let begun = json!({ "agent_id": "ann", "work_item_id": item, "status": "in_progress" });
    wish("update_followup_status", begun, Acts, No(404, "not_found"));
    wish("next_work", next, Acts, forbidden);
    all
}
