//! The successful results and refusals of each tool.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::policy::Policy;
use rmcp::ServiceExt;
use rmcp::model::Tool;
use serde_json::{Value, json};

use crate::world::github::HOSTILE;
use crate::world::{Client, World, call, text};

/// A client that validates every result against the schemas of its tool.
pub(crate) struct Checked {
    client: Client,
    tools: Vec<Tool>,
}

impl Checked {
    async fn new(client: Client) -> Self {
        let tools = client.list_all_tools().await.unwrap();
        Self { client, tools }
    }

    pub(crate) async fn ask(&self, name: &'static str, arguments: Value) -> Value {
        let tool = self
            .tools
            .iter()
            .find(|tool| tool.name == name)
            .expect("a tool of that name");
        fits(&tool.input_schema, &arguments, name);
        let result = call(&self.client, name, &arguments).await;
        assert_eq!(
            result.is_error,
            Some(false),
            "{name} {arguments}: {result:?}"
        );
        let told = result
            .structured_content
            .clone()
            .expect("structuredContent");
        assert_eq!(
            serde_json::from_str::<Value>(&text(&result)).unwrap(),
            told,
            "{name}"
        );
        fits(tool.output_schema.as_ref().unwrap(), &told, name);
        told
    }
}

fn fits(schema: &serde_json::Map<String, Value>, value: &Value, name: &str) {
    let schema = Value::Object(schema.clone());
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:?} in {value}");
}

pub(crate) async fn checked() -> (World, Checked) {
    let (world, client) = World::met().await;
    (world, Checked::new(client).await)
}

fn numbers(issues: &Value) -> Vec<i64> {
    issues
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| issue["number"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn repositories_and_issues_are_listed() {
    let (_world, tools) = checked().await;
    let repos = tools.ask("list_repos", json!({})).await;
    assert_eq!(repos["repos"][0]["full_name"], "acme/api");
    assert_eq!(repos["repos"][0]["open_issue_count"], 4);
    tools
        .ask("list_repos", json!({ "include_counts": false }))
        .await;

    let all = tools
        .ask("list_open_issues", json!({ "repo": "Acme/API" }))
        .await;
    assert_eq!(numbers(&all["issues"]), [3, 1, 2, 4]);
    let some = tools
        .ask(
            "list_open_issues",
            json!({ "repo": "acme/api", "label": "docs,bug", "milestone": "v1" }),
        )
        .await;
    assert_eq!(numbers(&some["issues"]), [2]);
    tools
        .ask(
            "claim_issue",
            json!({ "agent_id": "ann", "repo": "acme/api", "issue_number": 2 }),
        )
        .await;
    let rest = tools
        .ask(
            "list_open_issues",
            json!({ "repo": "acme/api", "label": "bug" }),
        )
        .await;
    assert_eq!(numbers(&rest["issues"]), [1]);

    let details = tools
        .ask(
            "get_issue_details",
            json!({ "repo": "acme/api", "issue_number": 1 }),
        )
        .await;
    assert_eq!(details["issue"]["comments"][1]["body"], HOSTILE);
    assert_eq!(details["issue"]["body"], HOSTILE);
    let closed = json!({ "repo": "acme/api", "issue_number": 5 });
    let closed = tools.ask("get_issue_details", closed).await;
    assert_eq!(closed["issue"]["state"], "closed");
}

#[tokio::test]
async fn next_issue_and_next_work_return_a_claim() {
    let (_world, tools) = checked().await;
    let first = tools.ask("next_work", json!({ "agent_id": "ann" })).await;
    assert_eq!(
        (&first["ok"], &first["kind"]),
        (&json!(true), &json!("issue"))
    );
    assert_eq!(first["issue"]["number"], 3);
    assert_eq!(first["claim"]["agent_id"], "ann");
    let second = tools
        .ask("next_issue", json!({ "agent_id": "ann", "label": "bug" }))
        .await;
    assert_eq!(
        (&second["issue"]["number"], &second["idempotent"]),
        (&json!(1), &json!(false))
    );

    let keyed = json!({ "agent_id": "bob", "repo": "acme/api", "idempotency_key": "k" });
    let third = tools.ask("next_issue", keyed.clone()).await;
    let again = tools.ask("next_issue", keyed).await;
    assert_eq!(third["claim"]["claim_id"], again["claim"]["claim_id"]);
    let other = tools
        .ask(
            "next_issue",
            json!({ "agent_id": "ann", "idempotency_key": "k" }),
        )
        .await;
    assert_eq!(
        (&other["ok"], &other["reason"]),
        (&json!(false), &json!("idempotency_mismatch"))
    );

    tools.ask("next_work", json!({ "agent_id": "bob" })).await;
    for name in ["next_work", "next_issue"] {
        let mut none = tools.ask(name, json!({ "agent_id": "bob" })).await;
        let why = none["why"].take();
        none.as_object_mut().unwrap().remove("why");
        let held = none.as_object_mut().unwrap().remove("also_yours");
        assert!(held.is_some_and(|held| !held.as_array().unwrap().is_empty()));
        let told = json!({ "ok": false, "reason": "invalid_issue", "message": "No eligible unclaimed issues found" });
        assert_eq!(none, told);
        let explained = tools
            .ask("explain_work", json!({ "agent_id": "bob" }))
            .await;
        assert_eq!(explained, json!({ "explain": why }));
        assert_eq!(
            (&why["ready"], why["reasons"][0]["reason"].as_str()),
            (&json!(0), Some("held"))
        );
    }
}

#[tokio::test]
async fn claim_issue_returns_the_claim() {
    let (_world, tools) = checked().await;
    let one = json!({ "agent_id": "ann", "repo": "acme/api", "issue_number": 1 });
    let first = tools.ask("claim_issue", one.clone()).await;
    assert_eq!(
        (&first["ok"], &first["idempotent"]),
        (&json!(true), &json!(false))
    );
    let again = tools.ask("claim_issue", one).await;
    assert_eq!(
        (&again["claim"]["claim_id"], &again["idempotent"]),
        (&first["claim"]["claim_id"], &json!(true))
    );

    let taken = tools
        .ask(
            "claim_issue",
            json!({ "agent_id": "bob", "repo": "acme/api", "issue_number": 1 }),
        )
        .await;
    assert_eq!(
        (&taken["ok"], &taken["reason"]),
        (&json!(false), &json!("already_claimed"))
    );
    assert_eq!(
        (&taken["owner_agent_id"], &taken["claim"]["issue_number"]),
        (&json!("ann"), &json!(1))
    );
    for number in [5, 6] {
        let no = tools
            .ask(
                "claim_issue",
                json!({ "agent_id": "bob", "repo": "acme/api", "issue_number": number }),
            )
            .await;
        assert_eq!(
            (&no["ok"], &no["reason"]),
            (&json!(false), &json!("invalid_issue")),
            "{number}"
        );
    }
}

#[tokio::test]
async fn a_claim_moves_from_claimed_to_pr_merged() {
    let (_world, tools) = checked().await;
    let claim =
        tools.ask("next_work", json!({ "agent_id": "ann" })).await["claim"]["claim_id"].clone();
    let say = |status: &str| json!({ "agent_id": "ann", "claim_id": claim, "status": status });

    let begun = tools.ask("update_claim_status", say("in_progress")).await;
    assert_eq!(
        (&begun["claim"]["status"], &begun["idempotent"]),
        (&json!("in_progress"), &json!(false))
    );
    let alive = tools.ask("update_claim_status", say("in_progress")).await;
    assert_eq!(alive["idempotent"], true);
    // A sign of life is answered in short, unless the whole claim is asked for.
    assert_eq!(alive["claim"], json!(null));
    assert_eq!(
        (&alive["claim_id"], &alive["status"]),
        (&claim, &json!("in_progress"))
    );
    assert!(alive["stale_at"].as_str() > begun["claim"]["stale_at"].as_str());
    let mut whole = say("in_progress");
    whole["lean"] = json!(false);
    let alive = tools.ask("update_claim_status", whole).await;
    assert!(alive["claim"]["last_updated"].as_str() > begun["claim"]["last_updated"].as_str());

    let no = tools.ask("update_claim_status", say("pr_submitted")).await;
    let message = "pr_url is required when transitioning to pr_submitted";
    assert_eq!(
        (&no["reason"], &no["message"]),
        (&json!("invalid_transition"), &json!(message))
    );
    let no = tools.ask("update_claim_status", say("closed")).await;
    assert_eq!(no["reason"], "invalid_transition");
    assert!(
        no["allowed_statuses"]
            .as_array()
            .unwrap()
            .contains(&json!("pr_submitted"))
    );
    let mut theirs = say("in_progress");
    theirs["agent_id"] = json!("bob");
    let no = tools.ask("update_claim_status", theirs).await;
    assert_eq!(
        (&no["reason"], &no["owner_agent_id"]),
        (&json!("agent_mismatch"), &json!("ann"))
    );

    let mut submitted = say("pr_submitted");
    submitted["pr_url"] = json!("https://github.com/acme/api/pull/7");
    submitted["note"] = json!("ready");
    let submitted = tools.ask("update_claim_status", submitted).await;
    assert_eq!(
        submitted["claim"]["pr_url"],
        "https://github.com/acme/api/pull/7"
    );
    tools.ask("update_claim_status", say("pr_merged")).await;
    let closed = tools.ask("update_claim_status", say("closed")).await;
    assert_eq!(
        (&closed["claim"]["status"], &closed["issue_closed"]),
        (&json!("closed"), &json!(false))
    );

    let gone = tools.ask("update_claim_status", say("in_progress")).await;
    assert_eq!(
        (&gone["ok"], &gone["reason"]),
        (&json!(false), &json!("claim_not_found"))
    );
    let history = tools.ask("get_claim_history", json!({})).await;
    assert_eq!(history["items"][0]["claim_id"], claim);
    assert_eq!(
        history["items"][0]["status_history"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
}

#[tokio::test]
async fn closing_a_claim_closes_the_issue_where_configured() {
    let policy = Policy {
        auto_close: true,
        ..Policy::default()
    };
    let (_world, stream) = World::of(policy, Scope::All);
    let tools = Checked::new(().serve(stream).await.unwrap()).await;
    let claim =
        tools.ask("next_work", json!({ "agent_id": "ann" })).await["claim"]["claim_id"].clone();
    let pr = "https://github.com/acme/api/pull/7";
    let mut last = Value::Null;
    for status in ["in_progress", "pr_submitted", "pr_merged", "closed"] {
        let say = json!({ "agent_id": "ann", "claim_id": claim, "status": status, "pr_url": pr });
        last = tools.ask("update_claim_status", say).await;
    }
    assert_eq!(last["issue_closed"], true);
}

#[tokio::test]
async fn releasing_a_claim_frees_its_issue() {
    let (_world, tools) = checked().await;
    let claim =
        tools.ask("next_work", json!({ "agent_id": "ann" })).await["claim"]["claim_id"].clone();
    let theirs = tools
        .ask(
            "release_issue",
            json!({ "agent_id": "bob", "claim_id": claim }),
        )
        .await;
    assert_eq!(
        (&theirs["ok"], &theirs["reason"]),
        (&json!(false), &json!("agent_mismatch"))
    );
    let given = json!({ "agent_id": "ann", "claim_id": claim, "reason": "too hard" });
    let given = tools.ask("release_issue", given).await;
    assert_eq!(
        (&given["ok"], &given["claim"]["status"]),
        (&json!(true), &json!("released"))
    );
    for id in ["00000000-0000-4000-8000-000000000000", "no uuid"] {
        let unknown = tools
            .ask(
                "release_issue",
                json!({ "agent_id": "ann", "claim_id": id }),
            )
            .await;
        assert_eq!(
            (&unknown["ok"], &unknown["reason"]),
            (&json!(false), &json!("claim_not_found")),
            "{id}"
        );
    }
}

#[tokio::test]
async fn active_and_ended_claims_are_listed() {
    let (_world, tools) = checked().await;
    let empty = tools.ask("get_my_work", json!({ "agent_id": "ann" })).await;
    assert_eq!(empty, json!({ "work": { "claims": [], "followups": [] } }));
    for agent in ["ann", "bob", "ann"] {
        tools.ask("next_work", json!({ "agent_id": agent })).await;
    }
    let mine = tools.ask("get_my_work", json!({ "agent_id": "ann" })).await;
    assert_eq!(mine["work"]["claims"].as_array().unwrap().len(), 2);
    assert_eq!(
        tools
            .ask("get_my_claims", json!({ "agent_id": "ann" }))
            .await["claims"],
        mine["work"]["claims"]
    );
    let count = |answer: &Value| answer["claims"].as_array().unwrap().len();
    assert_eq!(count(&tools.ask("get_all_claims", json!({})).await), 3);
    let some = json!({ "agent_id": "bob", "repo": "ACME/api", "status": "claimed" });
    assert_eq!(count(&tools.ask("get_all_claims", some).await), 1);
    assert_eq!(
        count(
            &tools
                .ask("get_all_claims", json!({ "status": "stale" }))
                .await
        ),
        0
    );

    for claim in mine["work"]["claims"].as_array().unwrap() {
        tools
            .ask(
                "release_issue",
                json!({ "agent_id": "ann", "claim_id": claim["claim_id"] }),
            )
            .await;
    }
    let page = tools
        .ask(
            "get_claim_history",
            json!({ "agent_id": "ann", "repo": "acme/api", "limit": 1 }),
        )
        .await;
    assert_eq!(
        page["items"][0]["claim_id"],
        mine["work"]["claims"][1]["claim_id"]
    );
    let rest = tools
        .ask(
            "get_claim_history",
            json!({ "limit": 1, "cursor": page["next_cursor"] }),
        )
        .await;
    assert_eq!(
        rest["items"][0]["claim_id"],
        mine["work"]["claims"][0]["claim_id"]
    );
    assert_eq!(rest.get("next_cursor"), None);

    let health = tools.ask("system_health", json!({})).await;
    let told = (
        &health["health"]["total_claims"],
        &health["health"]["active_claims"],
    );
    assert_eq!(told, (&json!(3), &json!(1)));
}
