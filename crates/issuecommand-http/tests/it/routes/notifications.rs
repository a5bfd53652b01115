//! What people see of notifications, and what they send again.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::NewKey;
use issuecommand_core::domain::notification::{Notification, SendOutcome};
use issuecommand_core::engine::command::{Action, Command, NotifyAction};
use issuecommand_core::ports::store::Store;
use issuecommand_http::secret_hash;
use issuecommand_testkit::builders::{create_key, new_key, repo};
use serde_json::{Value, json};

use crate::world::World;

async fn act(world: &World, action: NotifyAction) {
    let command = Command::system(Action::Notify(action));
    world.store.transact(command).await.unwrap();
}

/// An endpoint that answered 410.
async fn with_a_disabled_endpoint() -> World {
    let world = World::new().await;
    let name = "team".to_owned();
    let kind = "slack".to_owned();
    act(
        &world,
        NotifyAction::AddEndpoint {
            name: name.clone(),
            kind,
            cursor: 0,
        },
    )
    .await;
    let now = issuecommand_core::domain::time::Timestamp(1_796_000_000_000);
    let row = Notification::new(
        "team",
        "evt_1_5".to_owned(),
        "claim.stale".to_owned(),
        "{}".to_owned(),
        now,
    );
    let plan = NotifyAction::Plan {
        endpoint: name.clone(),
        from: 0,
        to: 1,
        told: String::new(),
        notifications: vec![row.clone()],
    };
    act(&world, plan).await;
    let settle = NotifyAction::Settle {
        key: row.key(),
        attempts: 0,
        outcome: SendOutcome::Gone,
        random: 0,
    };
    act(&world, settle).await;
    world
}

async fn list(world: &World, query: &str) -> Value {
    let answer = world.get(&format!("/api/notifications{query}")).await;
    assert_eq!(answer.status, 200);
    answer.json_without_id()
}

#[tokio::test]
async fn notifications_are_listed_and_sent_again() {
    let world = with_a_disabled_endpoint().await;
    let all = list(&world, "").await;
    assert_eq!(all["endpoints"][0]["name"], "team");
    assert!(
        all["endpoints"][0]["disabled_why"]
            .as_str()
            .unwrap()
            .contains("410"),
        "{all}"
    );
    let row = &all["notifications"][0];
    assert_eq!(
        (&row["notification_id"], &row["state"], &row["status"]),
        (&json!("evt_1_5"), &json!("failed"), &json!(410))
    );
    assert_eq!(
        list(&world, "?state=waiting").await["notifications"],
        json!([])
    );
    assert_eq!(
        list(&world, "?endpoint=other").await["notifications"],
        json!([])
    );
    let again = json!({ "endpoint": "team", "notification_id": "evt_1_5" });
    let answer = world.send("POST", "/api/notifications/replay", again).await;
    assert_eq!(
        answer.json_without_id(),
        json!({ "ok": true, "changed": true })
    );
    let none = json!({ "endpoint": "team", "notification_id": "evt_2" });
    let answer = world.send("POST", "/api/notifications/replay", none).await;
    assert_eq!(
        answer.json_without_id(),
        json!({ "ok": true, "changed": false })
    );
    let answer = world
        .send(
            "POST",
            "/api/notifications/enable",
            json!({ "endpoint": "team", "since": 0 }),
        )
        .await;
    assert_eq!(
        answer.json_without_id(),
        json!({ "ok": true, "changed": true })
    );
    let all = list(&world, "?limit=1").await;
    assert_eq!(all["endpoints"][0].get("disabled_at"), None);
    assert_eq!(all["endpoints"][0]["last_event_id"], "0");
    assert_eq!(all["notifications"][0]["state"], "waiting");
}

#[tokio::test]
async fn only_those_who_see_everything_see_them_and_only_those_who_change_things_send_them() {
    let world = with_a_disabled_endpoint().await;
    let keys = [
        NewKey {
            scope: Scope::Only([repo("acme/api")].into()),
            ..new_key("narrow", 1)
        },
        NewKey {
            read_only: true,
            ..new_key("reader", 2)
        },
    ];
    for new in keys {
        let hash = secret_hash(format!("ick_{}", new.name).as_bytes());
        world
            .store
            .transact(create_key(NewKey { hash, ..new }))
            .await
            .unwrap();
    }
    let again = json!({ "endpoint": "team", "notification_id": "evt_1_5" }).to_string();
    for (key, listed, replayed) in [("narrow", 403, 403), ("reader", 200, 403)] {
        let token = format!("Bearer ick_{key}");
        let headers = [("Authorization", token.as_str())];
        let answer = world
            .send_bytes("GET", "/api/notifications", &headers, b"")
            .await;
        assert_eq!(answer.status, listed, "{key}");
        let answer = world
            .send_bytes(
                "POST",
                "/api/notifications/replay",
                &headers,
                again.as_bytes(),
            )
            .await;
        assert_eq!(answer.status, replayed, "{key}");
    }
    assert_eq!(
        list(&world, "?state=waiting").await["notifications"],
        json!([])
    );
}
