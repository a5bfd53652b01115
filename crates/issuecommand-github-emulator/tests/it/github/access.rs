//! Access to repositories, and moved or deleted objects.

use issuecommand_github_emulator::{GithubEmulator, NewRepo, World};

use super::{emulator_with, world_with};
use crate::raw::{get, send};

#[tokio::test]
async fn a_token_is_needed_and_must_be_right() {
    let github = emulator_with(1).await;
    let ask = async |authorization: &str| {
        send(
            github.url(),
            "GET",
            "/user",
            &[("authorization", authorization)],
            "",
        )
        .await
    };
    let good = ask("token test-token").await;
    assert_eq!(
        (good.status, good.json()["login"].as_str()),
        (200, Some("octo-agent"))
    );
    assert_eq!(good.header("x-oauth-scopes"), Some("repo, read:org"));
    assert_eq!(
        good.header("x-github-api-version-selected"),
        Some("2022-11-28")
    );
    assert_eq!(
        ask("Bearer wrong").await.json()["message"],
        "Bad credentials"
    );
    let none = ask("").await;
    assert_eq!(
        (none.status, none.json()["message"].as_str()),
        (401, Some("Requires authentication"))
    );

    github.world(|world| world.accept_fine_grained_token("fine", "robot"));
    let fine = ask("Bearer fine").await;
    assert_eq!((fine.status, fine.header("x-oauth-scopes")), (200, None));
    github.world(|world| world.revoke_token("fine"));
    assert_eq!(ask("Bearer fine").await.status, 401);
}

#[tokio::test]
async fn a_client_without_a_name_is_refused() {
    let github = emulator_with(0).await;
    let answer = send(github.url(), "GET", "/user", &[("user-agent", "")], "").await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("User-Agent"));
}

#[tokio::test]
async fn repositories_are_listed_and_lost() {
    let mut world = world_with(1);
    world.add_repo(
        NewRepo::named("Zeta/lib")
            .private()
            .description("A library"),
    );
    let github = crate::raw::start(world).await;
    assert_eq!(
        get(github.url(), "/user/repos").await.column("full_name"),
        ["acme/app", "Zeta/lib"]
    );
    let first = get(github.url(), "/user/repos?per_page=1").await;
    assert!(
        first
            .link("next")
            .unwrap()
            .ends_with("/user/repos?per_page=1&page=2")
    );

    github.world(|world| world.remove_access("acme/app"));
    assert_eq!(
        get(github.url(), "/user/repos").await.column("full_name"),
        ["Zeta/lib"]
    );
    for path in [
        "/repos/acme/app",
        "/repos/acme/app/issues",
        "/repos/acme/app/issues/1",
    ] {
        let answer = get(github.url(), path).await;
        assert_eq!(
            (answer.status, answer.json()["message"].as_str()),
            (404, Some("Not Found")),
            "{path}"
        );
    }
    github.world(|world| world.restore_access("acme/app"));
    assert_eq!(
        get(github.url(), "/repos/acme/app/issues/1").await.status,
        200
    );
}

#[tokio::test]
async fn an_old_name_leads_to_the_id() {
    let github = emulator_with(1).await;
    let id = get(github.url(), "/repos/acme/app").await.json()["id"].clone();
    github.world(|world| world.rename_repo("acme/app", "acme/newer"));
    let old = get(github.url(), "/repos/acme/app/issues?state=all").await;
    assert_eq!(old.status, 301);
    let expected = format!("{}/repositories/{id}/issues?state=all", github.url());
    assert_eq!(old.header("location"), Some(expected.as_str()));
    assert_eq!(get(github.url(), &expected).await.numbers(), [1]);
    assert_eq!(
        get(github.url(), &format!("/repositories/{id}"))
            .await
            .json()["full_name"],
        "acme/newer"
    );
    let write = send(github.url(), "PATCH", "/repos/acme/app/issues/1", &[], "{}").await;
    assert_eq!(
        write.status, 307,
        "a write must be sent again with its body"
    );

    github.world(|world| world.add_repo("acme/app"));
    assert_eq!(
        get(github.url(), "/repos/acme/app/issues").await.numbers(),
        [0_u64; 0],
        "the name has a new owner"
    );
}

#[tokio::test]
async fn deleted_is_410_transferred_is_301_unknown_is_404() {
    let mut world = world_with(3);
    world.add_repo("acme/other");
    world.delete_issue("acme/app", 1);
    let number = world.transfer_issue("acme/app", 2, "acme/other");
    let other = world.repo("acme/other").unwrap().id;
    let github = crate::raw::start(world).await;

    let deleted = get(github.url(), "/repos/acme/app/issues/1").await;
    assert_eq!(
        (deleted.status, deleted.json()["message"].as_str()),
        (410, Some("This issue was deleted"))
    );
    let moved = get(github.url(), "/repos/acme/app/issues/2/comments").await;
    let place = format!(
        "{}/repositories/{other}/issues/{number}/comments",
        github.url()
    );
    assert_eq!(
        (moved.status, moved.header("location")),
        (301, Some(place.as_str()))
    );
    assert_eq!(
        get(github.url(), "/repos/acme/app/issues/9").await.status,
        404
    );
    assert_eq!(
        get(github.url(), "/repos/acme/app/issues/x").await.status,
        404
    );
    assert_eq!(
        get(github.url(), "/repos/acme/app/issues?state=all")
            .await
            .numbers(),
        [3]
    );
    assert_eq!(
        get(github.url(), "/repos/acme/other/issues")
            .await
            .column("title"),
        ["Issue 2"]
    );

    github.world(|world| world.remove_access("acme/other"));
    let hidden = get(github.url(), "/repos/acme/app/issues/2").await;
    assert_eq!(
        hidden.status, 404,
        "GitHub does not tell of what the token cannot see"
    );
}

#[tokio::test]
async fn a_tracker_that_is_off_is_gone() {
    let github = emulator_with(1).await;
    github.world(|world| world.set_has_issues("acme/app", false));
    let answer = get(github.url(), "/repos/acme/app/issues").await;
    assert_eq!(
        (answer.status, answer.json()["message"].as_str()),
        (410, Some("Issues are disabled for this repo"))
    );
}

#[tokio::test]
async fn unknown_routes_are_404() {
    let github = emulator_with(1).await;
    assert_eq!(get(github.url(), "/nothing/here").await.status, 404);
    assert_eq!(
        send(github.url(), "DELETE", "/repos/acme/app/issues/1", &[], "")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_dropped_emulator_is_gone() {
    let github = emulator_with(0).await;
    let authority = github.url().strip_prefix("http://").unwrap().to_owned();
    drop(github);
    let mut refused = false;
    for _ in 0..100 {
        refused = tokio::net::TcpStream::connect(&authority).await.is_err();
        if refused {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(refused, "nothing listens on {authority} any more");
}

#[tokio::test]
#[should_panic(expected = "GET /no/such/path")]
async fn a_test_that_leaves_an_unexpected_request_fails() {
    let github = GithubEmulator::start(World::new()).await;
    assert_eq!(get(github.url(), "/no/such/path").await.status, 404);
}

#[tokio::test]
#[should_panic(expected = "PATCH /repos/acme/app/issues/1")]
async fn a_test_that_does_not_look_at_a_write_fails() {
    let github = GithubEmulator::start(super::world_with(1)).await;
    let closed = send(
        github.url(),
        "PATCH",
        "/repos/acme/app/issues/1",
        &[],
        r#"{"state":"closed"}"#,
    );
    assert_eq!(closed.await.status, 200);
}

#[tokio::test]
async fn a_test_that_looks_at_both_does_not_fail() {
    let github = GithubEmulator::start(super::world_with(1)).await;
    get(github.url(), "/no/such/path").await;
    send(
        github.url(),
        "PATCH",
        "/repos/acme/app/issues/1",
        &[],
        r#"{"state":"closed"}"#,
    )
    .await;
    assert_eq!(github.take_unexpected(), ["GET /no/such/path"]);
    github.world(|w| assert!(w.issue("acme/app", 1).is_some()));
}
