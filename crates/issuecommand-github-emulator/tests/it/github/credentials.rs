//! Restricted credentials, and hooks that cover more.

use issuecommand_github_emulator::{NewRepo, World};

use super::world_with;
use crate::raw::{get, send};

const APP: [(&str, &str); 1] = [("authorization", "Bearer app-token")];

fn two_repos() -> World {
    let mut world = world_with(1);
    world.add_repo(NewRepo::named("acme/secret").private());
    world.open_issue("acme/secret", "Hidden");
    world
}

#[tokio::test]
async fn a_fine_grained_token_sees_its_repositories_only() {
    let mut world = two_repos();
    world.transfer_issue("acme/app", 1, "acme/secret");
    world.open_issue("acme/app", "Seen");
    world.narrow_token("test-token", &["acme/app"]);
    let secret = world.repo("acme/secret").unwrap().id;
    let github = crate::raw::start(world).await;
    let mine = get(github.url(), "/user/repos").await;
    assert_eq!(mine.column("full_name"), ["acme/app"]);
    let by_id = format!("/repositories/{secret}");
    for path in ["/repos/acme/secret", "/repos/acme/secret/issues", &by_id] {
        assert_eq!(get(github.url(), path).await.status, 404, "{path}");
    }
    let moved = get(github.url(), "/repos/acme/app/issues/1").await;
    assert_eq!(moved.status, 404, "not a word of where it went");
    let found = get(github.url(), "/search/issues?q=is:issue").await;
    assert_eq!(found.json()["total_count"], 1);

    github.world(|world| world.accept_token("other", "ada"));
    let other = [("authorization", "Bearer other")];
    let seen = send(github.url(), "GET", "/repos/acme/secret", &other, "").await;
    assert_eq!(seen.status, 200, "another token is another matter");
}

#[tokio::test]
async fn refusals_are_githubs() {
    let mut world = two_repos();
    world.accept_installation_token("app-token", "helper");
    world.refuse_repo("acme/secret", 403);
    let github = crate::raw::start(world).await;
    let refused = get(github.url(), "/repos/acme/secret").await;
    assert_eq!(refused.status, 403);
    let refused = send(github.url(), "GET", "/repos/acme/secret", &APP, "").await;
    assert_eq!(
        refused.json()["message"],
        "Resource not accessible by integration"
    );
    github.world(|world| world.refuse_repo("acme/secret", 451));
    let blocked = get(github.url(), "/repos/acme/secret/issues").await;
    assert_eq!(
        (blocked.status, blocked.json()["block"]["reason"].as_str()),
        (451, Some("dmca"))
    );
    github.world(|world| world.restore_access("acme/secret"));
    assert_eq!(
        get(github.url(), "/repos/acme/secret/issues").await.status,
        200
    );
}

#[tokio::test]
async fn an_installation_is_no_user() {
    let mut world = two_repos();
    world.accept_installation_token("app-token", "helper");
    world.narrow_token("app-token", &["acme/app"]);
    let github = crate::raw::start(world).await;
    for path in ["/user", "/user/repos"] {
        let answer = send(github.url(), "GET", path, &APP, "").await;
        assert_eq!(answer.status, 403, "{path}");
        assert_eq!(answer.header("x-oauth-scopes"), None);
    }
    let seen = send(github.url(), "GET", "/installation/repositories", &APP, "")
        .await
        .json();
    assert_eq!(
        (&seen["total_count"], &seen["repository_selection"]),
        (&1.into(), &"selected".into())
    );
    assert_eq!(seen["repositories"][0]["full_name"], "acme/app");
    assert_eq!(
        get(github.url(), "/installation/repositories").await.status,
        403
    );
    let path = "/repos/acme/app/issues/1/comments";
    let said = send(github.url(), "POST", path, &APP, r#"{"body": "Hi"}"#)
        .await
        .json();
    assert_eq!(said["user"]["login"], "helper[bot]");
    assert_eq!(said["performed_via_github_app"]["slug"], "helper");
    github.world(|world| world.revoke_token("app-token"));
    assert_eq!(send(github.url(), "GET", path, &APP, "").await.status, 401);
}

#[tokio::test]
async fn an_organization_hook_covers_repositories_hidden_from_the_token() {
    let mut world = two_repos();
    world.add_repo("other/app");
    world.record_organization_deliveries("Acme");
    world.narrow_token("test-token", &["acme/app"]);
    world.open_issue("acme/secret", "Told");
    world.open_issue("other/app", "Not theirs");
    let told = world.deliveries();
    assert_eq!(told.len(), 1);
    let payload = told[0].json();
    assert_eq!(payload["repository"]["full_name"], "acme/secret");
    assert_eq!(payload["organization"]["login"], "acme");

    let odd = told[0]
        .clone()
        .altered(|body| body["repository"]["id"] = 7.into())
        .again();
    assert_ne!(odd.id, told[0].id);
    assert_eq!(odd.json()["repository"]["id"], 7);
    assert_ne!(odd.headers("s")[4], told[0].headers("s")[4], "signed anew");
}

#[tokio::test]
async fn long_repository_lists_are_paged() {
    let mut world = world_with(0);
    world.add_repos("acme", 10_100);
    let github = crate::raw::start(world).await;
    let last = get(github.url(), "/user/repos?per_page=100&page=102").await;
    assert_eq!(last.json().as_array().unwrap().len(), 1);
    assert_eq!(last.link("next"), None);
    let before = get(github.url(), "/user/repos?per_page=100&page=101").await;
    assert!(before.link("next").is_some());
}
