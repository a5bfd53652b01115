//! Lists: pages to the end, filters, orders, tags.

use std::time::{Duration, Instant};

use issuecommand_github_emulator::{NewIssue, NewPull, World};

use super::{emulator_with, world_with};
use crate::raw::{get, get_if_changed};

#[tokio::test]
async fn links_lead_through_every_page_to_the_end() {
    let github = emulator_with(250).await;
    let mut seen = Vec::new();
    let mut next = Some("/repos/ACME/App/issues?state=open&per_page=100".to_owned());
    while let Some(address) = next {
        let page = get(github.url(), &address).await;
        assert_eq!(page.status, 200);
        seen.extend(page.numbers());
        next = page.link("next");
        if let Some(address) = &next {
            assert!(
                address.starts_with(&format!("{}/repositories/", github.url())),
                "GitHub links by id: {address}"
            );
            assert!(
                address.contains("state=open") && address.contains("per_page=100"),
                "{address}"
            );
        }
    }
    assert_eq!(
        seen,
        (1..=250).rev().collect::<Vec<u64>>(),
        "newest first, each once"
    );
    assert_eq!(
        github.requests_to("GET /repos/acme/app/issues").len(),
        3,
        "pages by id count for the name"
    );

    let second = get(github.url(), "/repos/acme/app/issues?per_page=100&page=2").await;
    assert!(second.link("prev").unwrap().ends_with("page=1"));
    assert!(second.link("last").unwrap().ends_with("page=3"));
    assert!(second.link("first").unwrap().ends_with("page=1"));
    let beyond = get(github.url(), "/repos/acme/app/issues?per_page=100&page=9").await;
    assert_eq!((beyond.status, beyond.numbers().len()), (200, 0));
}

#[tokio::test]
async fn the_biggest_repositories_are_listed_by_cursor() {
    let github = emulator_with(5).await;
    github.world(|world| world.set_cursor_pages("acme/app", true));
    let first = get(github.url(), "/repos/acme/app/issues?per_page=2").await;
    assert_eq!((first.numbers(), first.link("last")), (vec![5, 4], None));
    github.world(|world| world.close_issue("acme/app", 5));
    let second = get(github.url(), &first.link("next").unwrap()).await;
    assert_eq!(second.numbers(), [3, 2], "nothing shifts");
    let third = get(github.url(), &second.link("next").unwrap()).await;
    assert_eq!((third.numbers(), third.link("next")), (vec![1], None));
    let by_number = get(github.url(), "/repos/acme/app/issues?per_page=2&page=2").await;
    assert_eq!(by_number.status, 422);
}

#[tokio::test]
async fn a_page_shifts_when_an_issue_closes_meanwhile() {
    let github = emulator_with(4).await;
    let first = get(github.url(), "/repos/acme/app/issues?per_page=2").await;
    assert_eq!(first.numbers(), [4, 3]);
    github.world(|world| world.close_issue("acme/app", 4));
    let second = get(github.url(), &first.link("next").unwrap()).await;
    assert_eq!(
        second.numbers(),
        [1],
        "issue 2 moved to page 1, as on GitHub"
    );
}

#[tokio::test]
async fn since_state_and_order_choose_the_rows() {
    let github = emulator_with(5).await;
    github.world(|world| {
        world.advance(Duration::from_mins(10));
        world.close_issue("acme/app", 2);
        world.advance(Duration::from_mins(1));
        world.comment("acme/app", 1, "still happens");
    });
    let updated = "/repos/acme/app/issues?state=all&sort=updated&direction=desc";
    assert_eq!(get(github.url(), updated).await.numbers(), [1, 2, 5, 4, 3]);
    let since = github.world(|world| world.issue("acme/app", 2).unwrap().updated_at);
    let recent = get(github.url(), &format!("{updated}&since={since}")).await;
    assert_eq!(recent.numbers(), [1, 2], "since is inclusive");
    assert_eq!(
        get(github.url(), "/repos/acme/app/issues?direction=asc")
            .await
            .numbers(),
        [1, 3, 4, 5]
    );
    assert_eq!(
        get(github.url(), "/repos/acme/app/issues?state=closed")
            .await
            .numbers(),
        [2]
    );
    assert_eq!(
        get(github.url(), "/repos/acme/app/issues?since=yesterday")
            .await
            .status,
        422
    );
}

#[tokio::test]
async fn labels_milestones_and_assignees_choose_the_rows() {
    let mut world = world_with(1);
    world.open_issue(
        "acme/app",
        NewIssue::titled("Crash")
            .label("bug")
            .label("P1")
            .milestone("v2")
            .assignee("alice")
            .by("bob"),
    );
    world.open_issue("acme/app", NewIssue::titled("Typo").label("bug"));
    let github = crate::raw::start(world).await;
    let list = async |query: &str| {
        get(github.url(), &format!("/repos/acme/app/issues?{query}"))
            .await
            .numbers()
    };
    assert_eq!(list("labels=BUG").await, [3, 2]);
    assert_eq!(list("labels=bug,P1").await, [2], "all of them are needed");
    assert_eq!(list("milestone=1").await, [2]);
    assert_eq!(list("milestone=none").await, [3, 1]);
    assert_eq!(list("assignee=alice").await, [2]);
    assert_eq!(list("creator=bob").await, [2]);

    let issue = get(github.url(), "/repos/acme/app/issues/2").await.json();
    assert_eq!(issue["labels"][1]["name"], "P1");
    assert_eq!(issue["milestone"]["title"], "v2");
    assert_eq!(issue["milestone"]["open_issues"], 1);
    assert_eq!(issue["assignees"][0]["login"], "alice");
    assert_eq!(issue["user"]["login"], "bob");
}

#[tokio::test]
async fn pull_requests_stand_among_the_issues() {
    let mut world = world_with(1);
    world.open_pull("acme/app", NewPull::from_branch("fix", "Fix it"));
    let github = crate::raw::start(world).await;
    let list = get(github.url(), "/repos/acme/app/issues").await.json();
    assert_eq!(list[0]["number"], 2);
    assert!(
        list[0]["pull_request"]["url"]
            .as_str()
            .unwrap()
            .ends_with("/repos/acme/app/pulls/2")
    );
    assert!(list[1].get("pull_request").is_none());
    assert_eq!(
        get(github.url(), "/repos/acme/app/pulls").await.numbers(),
        [2]
    );
    assert_eq!(
        get(github.url(), "/repos/acme/app").await.json()["open_issues_count"],
        2
    );
    let search = get(
        github.url(),
        "/search/issues?q=repo:acme/app+type:issue+state:open",
    )
    .await;
    assert_eq!(search.json()["total_count"], 1);
    assert_eq!(search.header("x-ratelimit-resource"), Some("search"));
}

#[tokio::test]
async fn a_tag_answers_304_until_something_changes_and_costs_nothing() {
    let github = emulator_with(3).await;
    let list = "/repos/acme/app/issues?state=all";
    let first = get(github.url(), list).await;
    let tag = first.header("etag").unwrap().to_owned();
    assert!(tag.starts_with("W/\""));
    let used = first.header("x-ratelimit-used").unwrap().to_owned();

    let same = get_if_changed(github.url(), list, &tag).await;
    assert_eq!((same.status, same.body.as_str()), (304, ""));
    assert_eq!(same.header("x-ratelimit-used"), Some(used.as_str()));
    assert_eq!(same.header("etag"), Some(tag.as_str()));

    github.world(|world| world.label("acme/app", 2, "bug"));
    let changed = get_if_changed(github.url(), list, &tag).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), Some(tag.as_str()));
    let statuses: Vec<_> = github
        .requests()
        .iter()
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, [Some(200), Some(304), Some(200)]);
}

#[tokio::test]
async fn comments_are_listed_by_issue_and_by_repository() {
    let github = emulator_with(2).await;
    let since = github.world(|world| {
        world.comment("acme/app", 1, "one");
        world.advance(Duration::from_mins(1));
        world.comment("acme/app", 2, "two");
        world.now()
    });
    let of = async |path: &str| get(github.url(), path).await.column("body");
    assert_eq!(of("/repos/acme/app/issues/1/comments").await, ["one"]);
    assert_eq!(of("/repos/acme/app/issues/comments").await, ["one", "two"]);
    assert_eq!(
        of(&format!("/repos/acme/app/issues/comments?since={since}")).await,
        ["two"]
    );
}

#[tokio::test]
async fn pages_of_a_big_repository_are_not_sorted_again_and_again() {
    let mut world = World::new();
    world.add_repo("acme/big");
    for number in 1..=100_000_u64 {
        world.open_issue("acme/big", NewIssue::titled("Many").number(number));
    }
    let github = crate::raw::start(world).await;
    let begin = Instant::now();
    for page in [1, 500, 1_000] {
        let rows = get(
            github.url(),
            &format!("/repos/acme/big/issues?per_page=100&page={page}"),
        )
        .await;
        assert_eq!(rows.numbers()[0], 100_000 - (page - 1) * 100);
    }
    // Far above the usual time; it guards against a page that scans everything for each of its rows.
    assert!(
        begin.elapsed() < Duration::from_secs(20),
        "{:?}",
        begin.elapsed()
    );
}
