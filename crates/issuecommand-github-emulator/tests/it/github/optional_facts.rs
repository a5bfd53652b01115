//! Issue types, issue fields, and servers that lack a feature.

use issuecommand_github_emulator::{Feature, NewIssue};
use serde_json::json;

use super::world_with;
use crate::raw::{get, send};

const ONE: &str = "/repos/acme/app/issues/1";

#[tokio::test]
async fn types_and_fields_are_shown_filtered_and_told() {
    let mut world = world_with(4);
    let crash = NewIssue::titled("Crash")
        .kind("Bug")
        .field("Priority", "Urgent");
    let number = world.open_issue("acme/app", crash);
    world.add_user("solo");
    world.add_repo("solo/app");
    world.open_issue(
        "solo/app",
        NewIssue::titled("Mine").field("Priority", "Low"),
    );
    world.record_deliveries();
    world.set_type("acme/app", 1, Some("bug"));
    world.set_type("acme/app", 1, None);
    world.set_field("acme/app", 1, "Priority", Some("High"));
    world.set_field("acme/app", 1, "Priority", None);
    let deliveries = world.deliveries();
    let actions: Vec<&str> = deliveries.iter().map(|it| it.action.as_str()).collect();
    assert_eq!(
        actions,
        ["typed", "untyped", "field_added", "field_removed"]
    );
    let (kind, field) = (deliveries[0].json(), deliveries[2].json());
    assert_eq!(
        (&kind["type"]["name"], &kind["issue"]["type"]["name"]),
        (&json!("Bug"), &json!("Bug"))
    );
    assert_eq!(field["issue_field"]["name"], "Priority");
    assert_eq!(field["issue_field_value"]["option"]["name"], "High");

    let github = crate::raw::start(world).await;
    let bugs = get(github.url(), "/repos/acme/app/issues?type=bug").await;
    assert_eq!(bugs.numbers(), [number]);
    let others = get(
        github.url(),
        "/repos/acme/app/issues?type=none&direction=asc",
    )
    .await;
    assert_eq!(others.numbers(), [1, 2, 3, 4]);
    let row = bugs.json()[0].clone();
    assert_eq!(row["type"]["name"], "Bug");
    let value = &row["issue_field_values"][0];
    assert_eq!(
        (&value["issue_field_name"], &value["data_type"]),
        (&json!("Priority"), &json!("single_select"))
    );
    assert_eq!(value["single_select_option"]["name"], "Urgent");
    let mine = get(github.url(), "/repos/solo/app/issues").await.json();
    assert_eq!(
        mine[0].get("issue_field_values"),
        None,
        "only organizations have fields"
    );
    let types = get(github.url(), "/repos/acme/app/issue-types").await;
    assert_eq!(types.column("name"), ["Task", "Bug", "Feature"]);
    let task = send(github.url(), "PATCH", ONE, &[], r#"{"type":"Task"}"#).await;
    assert_eq!(task.json()["type"]["name"], "Task");
    let wrong = send(github.url(), "PATCH", ONE, &[], r#"{"type":"Epic"}"#).await;
    assert_eq!(wrong.status, 422);
}

#[tokio::test]
async fn a_server_without_a_feature_has_no_trace_of_it() {
    let mut world = world_with(4);
    world.block("acme/app", 1, ("acme/app", 2));
    world.add_sub_issue("acme/app", 1, ("acme/app", 3));
    let features = [
        Feature::Dependencies,
        Feature::SubIssues,
        Feature::IssueTypes,
        Feature::IssueFields,
    ];
    for feature in features {
        world.set_feature(feature, false);
    }
    world.record_deliveries();
    world.unblock("acme/app", 1, ("acme/app", 2));
    world.block("acme/app", 1, ("acme/app", 2));
    world.remove_sub_issue("acme/app", 1, ("acme/app", 3));
    world.set_field("acme/app", 1, "Priority", Some("High"));
    world.set_type("acme/app", 1, Some("Bug"));
    assert_eq!(world.deliveries(), []);
    let github = crate::raw::start(world).await;
    for path in [
        "dependencies/blocked_by",
        "dependencies/blocking",
        "sub_issues",
        "parent",
    ] {
        assert_eq!(
            get(github.url(), &format!("{ONE}/{path}")).await.status,
            404
        );
    }
    let row = get(github.url(), ONE).await.json();
    for field in [
        "issue_dependencies_summary",
        "sub_issues_summary",
        "parent_issue_url",
        "type",
        "issue_field_values",
    ] {
        assert_eq!(row.get(field), None, "{field}");
    }
    assert_eq!(
        get(github.url(), "/repos/acme/app/issue-types")
            .await
            .status,
        404
    );
    github.world(|world| world.set_feature(Feature::Dependencies, true));
    let row = get(github.url(), ONE).await.json();
    assert_eq!(row["issue_dependencies_summary"]["blocked_by"], 1);
}
