//! Labels and milestones that change without their issues.

use std::time::Duration;

use serde_json::Value;

use super::emulator_with;
use crate::raw::{get, get_if_changed};

const LIST: &str = "/repos/acme/app/issues?sort=updated";

#[tokio::test]
async fn a_label_is_renamed_and_deleted_and_its_issues_keep_their_time() {
    let github = emulator_with(2).await;
    github.world(|world| {
        world.label("acme/app", 1, "P1");
        world.advance(Duration::from_hours(1));
        world.record_deliveries();
    });
    let before = get(github.url(), LIST).await;
    github.world(|world| world.rename_label("acme/app", "p1", "Critical"));
    let after = get_if_changed(github.url(), LIST, before.header("etag").unwrap()).await;
    assert_eq!(after.status, 200, "what it shows has changed");
    assert_eq!(after.column("updated_at"), before.column("updated_at"));
    let label = |row: &Value| row["labels"][0]["name"].clone();
    let one = after
        .json()
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["number"] == 1)
        .map(label);
    assert_eq!(one, Some("Critical".into()));
    let since = github.world(|world| world.now() - jiff::SignedDuration::from_mins(5));
    let news = get(github.url(), &format!("{LIST}&since={since}")).await;
    assert_eq!(
        news.numbers(),
        [0_u64; 0],
        "nobody who asks what is new hears of it"
    );
    let labels = get(github.url(), "/repos/acme/app/labels").await;
    assert_eq!(labels.column("name"), ["Critical"]);

    github.world(|world| world.delete_label("acme/app", "critical"));
    let gone = get(github.url(), LIST).await;
    assert_eq!(gone.column("updated_at"), before.column("updated_at"));
    assert!(
        gone.column("labels")
            .iter()
            .all(|labels| labels.as_array().unwrap().is_empty())
    );

    let told = github.deliveries();
    let actions: Vec<_> = told
        .iter()
        .map(|d| (d.event.as_str(), d.action.as_str()))
        .collect();
    assert_eq!(actions, [("label", "edited"), ("label", "deleted")]);
    let edited = told[0].json();
    assert_eq!(edited["changes"]["name"]["from"], "p1");
    assert_eq!(edited["label"]["name"], "Critical");
}

#[tokio::test]
async fn milestones_are_renamed_closed_and_deleted() {
    let github = emulator_with(1).await;
    let number = github.world(|world| {
        world.set_milestone("acme/app", 1, Some("v1"));
        world.advance(Duration::from_hours(1));
        world.record_deliveries();
        world.add_milestone("acme/app", "v1")
    });
    let before = get(github.url(), LIST).await;
    github.world(|world| {
        world.rename_milestone("acme/app", number, "v2");
        world.close_milestone("acme/app", number);
    });
    let after = get(github.url(), LIST).await;
    assert_eq!(after.column("updated_at"), before.column("updated_at"));
    assert_ne!(after.header("etag"), before.header("etag"));
    let milestone = after.json()[0]["milestone"].clone();
    assert_eq!(
        (&milestone["title"], &milestone["state"]),
        (&"v2".into(), &"closed".into())
    );
    let open = get(github.url(), "/repos/acme/app/milestones").await;
    assert_eq!(open.column("title"), [0_u8; 0]);
    github.world(|world| {
        world.reopen_milestone("acme/app", number);
        world.delete_milestone("acme/app", number);
    });
    assert!(get(github.url(), LIST).await.json()[0]["milestone"].is_null());
    let told = github.deliveries();
    let actions: Vec<&str> = told.iter().map(|d| d.action.as_str()).collect();
    assert_eq!(actions, ["edited", "closed", "opened", "deleted"]);
    assert!(told.iter().all(|d| d.event == "milestone"));
    assert_eq!(told[0].json()["changes"]["title"]["from"], "v1");
    assert_eq!(told[3].json()["milestone"]["title"], "v2");
}

#[tokio::test]
async fn a_transfer_sends_deliveries_for_both_repositories() {
    let github = emulator_with(1).await;
    let number = github.world(|world| {
        world.add_repo("acme/web");
        world.open_issue("acme/web", "First");
        world.record_deliveries();
        world.transfer_issue("acme/app", 1, "acme/web")
    });
    let told = github.deliveries();
    let (gone, come) = (told[0].json(), told[1].json());
    assert_eq!(
        (told[0].action.as_str(), told[1].action.as_str()),
        ("transferred", "opened")
    );
    assert_eq!(gone["issue"]["number"], 1);
    assert_eq!(gone["repository"]["full_name"], "acme/app");
    assert_eq!(gone["changes"]["new_issue"]["number"], number);
    assert_eq!(gone["changes"]["new_issue"]["id"], come["issue"]["id"]);
    assert_eq!(gone["changes"]["new_repository"]["full_name"], "acme/web");
    assert_eq!(come["repository"]["full_name"], "acme/web");
    assert_eq!(come["changes"]["old_issue"]["number"], 1);
    assert_eq!(come["changes"]["old_repository"]["full_name"], "acme/app");
    assert_ne!(come["issue"]["id"], gone["issue"]["id"]);
}
