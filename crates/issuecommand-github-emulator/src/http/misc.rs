//! Rate limits, and the part of the search that counts issues.

use serde_json::{Value, json};

use super::call::Call;
use super::reply::{Answer, Reply, invalid};
use crate::model::{Issue, State};
use crate::world::{Resource, World};

pub(super) fn rate_limit(world: &mut World, call: &Call) -> Answer {
    let budget = |resource: Resource| {
        let rate_limit = world.rate_limit(&call.viewer.login, resource);
        json!({
            "limit": rate_limit.limit,
            "used": rate_limit.used,
            "remaining": rate_limit.remaining(),
            "reset": rate_limit.reset.as_second(),
        })
    };
    let core = budget(Resource::Core);
    Reply::ok(
        json!({"resources": {"core": core, "search": budget(Resource::Search)}, "rate": core}),
    )
}

/// Supports `repo:`, `type:`/`is:` and `state:`; other words of the query are ignored.
pub(super) fn search(world: &mut World, call: &Call) -> Answer {
    let query = call
        .param("q")
        .ok_or_else(|| invalid("Search", "q", "missing"))?;
    let words: Vec<&str> = query.split_whitespace().collect();
    let repos = || words.iter().filter_map(|word| word.strip_prefix("repo:"));
    let wanted = |issue: &Issue| {
        words.iter().all(|word| match *word {
            "type:issue" | "is:issue" => issue.pull.is_none(),
            "type:pr" | "is:pr" => issue.pull.is_some(),
            "state:open" | "is:open" => issue.state == State::Open,
            "state:closed" | "is:closed" => issue.state == State::Closed,
            _ => true,
        })
    };
    let mut found = Vec::new();
    for repo in world.seen_by(&call.viewer) {
        let named = repos().any(|name| name.eq_ignore_ascii_case(&repo.full_name()));
        if named || repos().next().is_none() {
            found.extend(
                repo.issues()
                    .filter(|issue| wanted(issue))
                    .map(|issue| (repo, issue)),
            );
        }
    }
    let items: Value = call
        .page()
        .of(&found)
        .iter()
        .map(|(repo, issue)| call.shape(world).issue(repo, issue))
        .collect();
    Reply::ok(json!({"total_count": found.len(), "incomplete_results": false, "items": items}))
}
