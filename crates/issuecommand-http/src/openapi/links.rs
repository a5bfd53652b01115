//! Which operations go on with the id that another one answers.

use serde_json::{Map, Value, json};

/// A kind of thing that is given and then moved.
struct Given {
    /// The operations that answer it, and where it stands in their answers.
    by: &'static [(&'static str, &'static str)],
    /// Its id, there and in the paths of the operations that move it.
    id: &'static str,
    /// Where it names its agent.
    agent: &'static str,
    moved_by: &'static [&'static str],
}

const GIVEN: [Given; 2] = [
    Given {
        by: &[
            ("postNextWork", "/claim"),
            ("postNext", "/claim"),
            ("postClaims", "/claim"),
            ("getClaims", "/claims/0"),
        ],
        id: "claim_id",
        agent: "agent_id",
        moved_by: &[
            "patchClaimsClaimId",
            "deleteClaimsClaimId",
            "postClaimsClaimIdGive",
        ],
    },
    Given {
        by: &[
            ("postNextWork", "/work_item"),
            ("getFollowups", "/followups/0"),
        ],
        id: "work_item_id",
        agent: "claimed_by_agent_id",
        moved_by: &["patchFollowupsWorkItemId", "postFollowupsWorkItemIdGive"],
    },
];

/// The links of the operation's answer, by the operations that they lead to.
pub(super) fn links(operation: &str) -> Map<String, Value> {
    let mut links = Map::new();
    for Given {
        by,
        id,
        agent,
        moved_by,
    } in &GIVEN
    {
        for (_, at) in by.iter().filter(|(by, _)| *by == operation) {
            let link = |to: &&str| {
                let link = json!({
                    "operationId": to,
                    "parameters": { *id: format!("$response.body#{at}/{id}") },
                    "requestBody": { "agent_id": format!("$response.body#{at}/{agent}") },
                });
                ((*to).to_owned(), link)
            };
            links.extend(moved_by.iter().map(link));
        }
    }
    links
}
