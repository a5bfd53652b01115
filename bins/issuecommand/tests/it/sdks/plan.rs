//! What each client does: every tool at least once, what is refused, and what fails.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Client;

/// Works through all tools with this client; the number of calls.
pub(super) fn work_through(client: &mut dyn Client, repo: &str, pull: u64) -> usize {
    let mut work = Work {
        client,
        called: BTreeSet::new(),
        calls: 0,
    };
    look_around(&mut work, repo);
    take_an_issue_and_give_it_back(&mut work, repo);
    answer_feedback(&mut work, pull);
    be_refused_and_fail(&mut work, repo);
    let shown: BTreeSet<String> = work.client.tools().into_iter().collect();
    assert_eq!(work.called, shown, "a tool that is shown is also called");
    work.calls
}

struct Work<'a> {
    client: &'a mut dyn Client,
    called: BTreeSet<String>,
    calls: usize,
}

impl Work<'_> {
    fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        self.called.insert(tool.to_owned());
        self.calls += 1;
        self.client.call(tool, arguments)
    }

    /// The object that a call answers, which stands in the text too.
    fn ask(&mut self, tool: &str, arguments: &Value) -> Value {
        let result = self.call(tool, arguments);
        assert_ne!(result["isError"], true, "{tool} {arguments}: {result}");
        let object = result["structuredContent"].clone();
        assert_eq!(text(&result), object, "{tool} {arguments}");
        object
    }

    /// The same of a call that does something, and is not refused.
    fn act(&mut self, tool: &str, arguments: &Value) -> Value {
        let object = self.ask(tool, arguments);
        assert_eq!(object["ok"], true, "{tool} {arguments}: {object}");
        object
    }
}

/// The object in the one text block of a result.
fn text(result: &Value) -> Value {
    let blocks = result["content"].as_array().unwrap();
    assert_eq!(blocks.len(), 1, "{result}");
    serde_json::from_str(blocks[0]["text"].as_str().unwrap()).unwrap()
}

fn ada() -> Value {
    json!({ "agent_id": "ada" })
}

fn look_around(work: &mut Work<'_>, repo: &str) {
    let repos = work.ask("list_repos", &json!({}));
    assert_eq!(repos["repos"][0]["full_name"], repo, "{repos}");
    let page = work.ask("list_open_issues", &json!({ "repo": repo, "limit": 2 }));
    assert_eq!(page["issues"].as_array().unwrap().len(), 2, "{page}");
    let next = json!({ "repo": repo, "limit": 2, "cursor": page["next_cursor"] });
    let next = work.ask("list_open_issues", &next);
    assert_ne!(next["issues"][0]["number"], page["issues"][0]["number"]);
    let issue = json!({ "repo": repo, "issue_number": 1 });
    let issue = work.ask("get_issue_details", &issue);
    assert_eq!(issue["issue"]["title"], "Issue 1", "{issue}");
    let why = work.ask("explain_work", &ada());
    assert_eq!(why["explain"]["considered"], 5, "{why}");
    let health = work.ask("system_health", &json!({}));
    assert!(health.is_object(), "{health}");
}

fn take_an_issue_and_give_it_back(work: &mut Work<'_>, repo: &str) {
    let asks = json!({ "agent_id": "ada", "repo": repo, "idempotency_key": "once" });
    let given = work.act("next_issue", &asks);
    let claim = &given["claim"]["claim_id"];
    let again = work.act("next_issue", &asks);
    assert_eq!(&again["claim"]["claim_id"], claim, "the same answer again");
    let begun = json!({ "agent_id": "ada", "claim_id": claim, "status": "in_progress" });
    work.act("update_claim_status", &begun);
    for tool in ["get_my_claims", "get_all_claims"] {
        let held = work.ask(tool, &ada());
        assert_eq!(&held["claims"][0]["claim_id"], claim, "{tool}: {held}");
    }
    let back = json!({ "agent_id": "ada", "claim_id": claim, "reason": "for another" });
    work.act("release_issue", &back);
    let ended = work.ask("get_claim_history", &json!({ "limit": 10 }));
    assert_eq!(&ended["items"][0]["claim_id"], claim, "{ended}");
    let chosen = json!({ "agent_id": "ada", "repo": repo, "issue_number": 4 });
    let chosen = work.act("claim_issue", &chosen);
    assert_eq!(chosen["claim"]["issue_number"], 4, "{chosen}");
}

fn answer_feedback(work: &mut Work<'_>, pull: u64) {
    let waits = work.ask("get_followups", &json!({}));
    assert_eq!(waits["followups"][0]["pr_number"], pull, "{waits}");
    let given = work.act(
        "next_work",
        &json!({ "agent_id": "ada", "wait_seconds": 1 }),
    );
    assert_eq!(given["work_item"]["pr_number"], pull, "{given}");
    let item = &given["work_item"]["work_item_id"];
    let held = work.ask("get_my_work", &ada());
    assert_eq!(
        &held["work"]["followups"][0]["work_item_id"], item,
        "{held}"
    );
    for status in ["in_progress", "done"] {
        let moved = json!({ "agent_id": "ada", "work_item_id": item, "status": status });
        work.act("update_followup_status", &moved);
    }
}

fn be_refused_and_fail(work: &mut Work<'_>, repo: &str) {
    let taken = json!({ "agent_id": "bob", "repo": repo, "issue_number": 4 });
    let refused = work.ask("claim_issue", &taken);
    assert_eq!(refused["reason"], "already_claimed", "{refused}");
    assert_eq!(refused["owner_agent_id"], "ada", "{refused}");
    let failed = work.call("claim_issue", &json!({ "agent_id": "ada", "repo": repo }));
    assert_eq!(failed["isError"], true, "{failed}");
    assert_eq!(text(&failed)["error"], "request_failed", "{failed}");
}
