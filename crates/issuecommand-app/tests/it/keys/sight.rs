//! A key of one repository sees that repository and no trace of the others.

use serde_json::{Value, json};

use super::{KeyFixture, OtherRepo, WEB, ask};
use crate::world::{API, Http, StoreKind};

on_each_store!(
    lists_and_numbers_are_of_its_repository_alone,
    work_is_of_its_repository_alone,
    a_claim_shows_no_pull_request_of_another_repository,
);

async fn lists_and_numbers_are_of_its_repository_alone(store: StoreKind) {
    let office = KeyFixture::open(store).await;
    let http = Http::serving(&office.setup).await;
    let see = async |tool: &str| -> Value {
        let all = office.call_cases();
        let case = all.iter().find(|case| case.tool == tool).unwrap();
        ask(&http, OtherRepo, case).await.body
    };
    let repos = see("list_repos").await;
    assert_eq!(repos["repos"].as_array().unwrap().len(), 1, "{repos}");
    assert_eq!(repos["repos"][0]["full_name"], WEB);
    let claims = see("get_all_claims").await;
    assert_eq!(claims["claims"].as_array().unwrap().len(), 1, "{claims}");
    assert_eq!(claims["claims"][0]["repo"], WEB);
    let items = see("get_followups").await;
    assert_eq!(items["followups"].as_array().unwrap().len(), 1, "{items}");
    assert_eq!(items["followups"][0]["repo"], WEB);
    let health = see("system_health").await["health"].clone();
    for (count, expected) in [
        ("total_claims", 1),
        ("active_claims", 1),
        ("active_agents", 1),
        ("stale_claims", 0),
        ("open_followups", 1),
    ] {
        assert_eq!(health[count], expected, "{count}: {health}");
    }
}

async fn work_is_of_its_repository_alone(store: StoreKind) {
    let office = KeyFixture::open(store).await;
    let http = Http::serving(&office.setup).await;
    let next = async |path: &str| {
        let body = json!({ "agent_id": "eve" }).to_string();
        let token = OtherRepo.token();
        http.bearing(token.as_deref(), "POST", path, body.as_bytes())
            .await
    };
    // The feedback of its repository, then its one free issue, then nothing, although the other repository has more of
    // everything.
    let first = next("/api/next-work").await.body;
    assert_eq!(
        (&first["kind"], &first["work_item"]["repo"]),
        (&json!("pr_followup"), &json!(WEB)),
        "{first}"
    );
    let second = next("/api/next-work").await.body;
    assert_eq!(
        (&second["kind"], &second["claim"]["repo"]),
        (&json!("issue"), &json!(WEB)),
        "{second}"
    );
    for path in ["/api/next-work", "/api/next"] {
        let reply = next(path).await;
        assert_eq!(
            (reply.status, &reply.body["reason"]),
            (409, &json!("invalid_issue"))
        );
    }
    assert!(!office.setup.offered(API).await.is_empty());
}

/// A pull request outside the scope reveals nothing either: its events would move the claim.
async fn a_claim_shows_no_pull_request_of_another_repository(store: StoreKind) {
    let office = KeyFixture::open(store).await;
    let http = Http::serving(&office.setup).await;
    let held = office.setup.held(WEB, 1).await.unwrap();
    let url = "https://github.com/acme/api/pull/70";
    for status in ["in_progress", "pr_submitted"] {
        let body = json!({ "agent_id": "ann", "status": status, "pr_url": url }).to_string();
        let path = format!("/api/claims/{}", held.id);
        let token = OtherRepo.token();
        let reply = http
            .bearing(token.as_deref(), "PATCH", &path, body.as_bytes())
            .await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.body["claim"]["pr_url"], url);
    }
    let held = office.setup.held(WEB, 1).await.unwrap();
    assert_eq!((held.pr_url.as_deref(), held.pull), (Some(url), None));
}
