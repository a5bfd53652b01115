//! Delayed, empty or corrupted lists, wrong counts, and pages in circles.

use std::time::Duration;

use issuecommand_github_emulator::{Corruption, Fault, NewPull};
use serde_json::{Value, json};

use super::emulator_with;
use crate::raw::{get, get_if_changed};

const LIST: &str = "/repos/acme/app/issues?state=all&sort=updated&direction=desc&per_page=2";

#[tokio::test]
async fn an_issue_is_late_in_lists_with_its_old_time() {
    let github = emulator_with(3).await;
    let before = get(github.url(), LIST).await;
    github.world(|world| world.delay_in_lists("acme/app", 2));
    let late = get_if_changed(github.url(), LIST, before.header("etag").unwrap()).await;
    assert_eq!((late.status, late.numbers()), (200, vec![3, 1]));
    let alone = get(github.url(), "/repos/acme/app/issues/2").await;
    assert_eq!(alone.status, 200, "by itself it is there all the while");
    github.world(|world| {
        world.advance(Duration::from_hours(1));
        world.show_in_lists("acme/app", 2);
    });
    let after = get(github.url(), LIST).await;
    assert_eq!(after.body, before.body);
    assert_eq!(after.header("etag"), before.header("etag"));
}

#[tokio::test]
async fn lists_come_up_empty_and_counts_are_wrong() {
    let github = emulator_with(2).await;
    github.world(|world| {
        world.open_pull("acme/app", NewPull::from_branch("work", "Work"));
        world.set_lists_empty("acme/app", true);
        world.claim_open_issues("acme/app", Some(17));
    });
    for path in [LIST, "/repos/acme/app/pulls"] {
        let list = get(github.url(), path).await;
        assert_eq!((list.status, list.json()), (200, json!([])));
        assert_eq!(list.header("link"), None);
    }
    let count =
        async || get(github.url(), "/repos/acme/app").await.json()["open_issues_count"].clone();
    assert_eq!(count().await, 17);
    github.world(|world| {
        world.set_lists_empty("acme/app", false);
        world.claim_open_issues("acme/app", None);
    });
    assert_eq!(get(github.url(), LIST).await.numbers(), [3, 2]);
    assert_eq!(count().await, 3, "with the pull request, as GitHub counts");
}

#[tokio::test]
async fn a_row_cannot_be_read() {
    let github = emulator_with(2).await;
    let (id, comment) = github.world(|world| {
        let comment = world.comment("acme/app", 1, "Hm.");
        world.record_deliveries();
        (world.issue("acme/app", 1).unwrap().id, comment)
    });
    for (how, shown) in [
        (Corruption::Null, Value::Null),
        (Corruption::Empty, json!({})),
    ] {
        github.world(|world| world.garble(id, how));
        let rows = get(github.url(), LIST).await.json();
        assert!(rows.as_array().unwrap().contains(&shown), "{rows}");
        assert!(
            rows.as_array()
                .unwrap()
                .iter()
                .any(|row| row["number"] == 2)
        );
    }
    for (how, number) in [
        (Corruption::WrongTypes, json!("1")),
        (Corruption::HugeNumbers, json!(1e21)),
    ] {
        github.world(|world| world.garble(id, how));
        let alone = get(github.url(), "/repos/acme/app/issues/1").await;
        assert_eq!(alone.json()["number"], number);
    }
    github.world(|world| world.edit_title("acme/app", 1, "Other"));
    assert_eq!(github.deliveries()[0].json()["issue"]["number"], 1);
    github.world(|world| world.ungarble(id));
    assert_eq!(get(github.url(), LIST).await.numbers(), [2, 1]);
    github.world(|world| world.garble(comment, Corruption::Null));
    let talk = get(github.url(), "/repos/acme/app/issues/1/comments").await;
    assert_eq!(talk.json(), json!([null]));
}

/// The pages of a client that follows `Link`, at most so many.
async fn walk(base: &str, most: usize) -> Vec<String> {
    let mut pages = Vec::new();
    let mut next = Some(LIST.to_owned());
    while let Some(address) = next.take().filter(|_| pages.len() < most) {
        let answer = get(base, &address).await;
        assert_eq!(answer.status, 200, "{address}");
        let page = address.split_once("page=").map_or("", |_| {
            address
                .rsplit("&page=")
                .next()
                .filter(|rest| rest.len() < 4)
                .unwrap_or("1")
        });
        pages.push(page.to_owned());
        next = answer.link("next");
    }
    pages
}

#[tokio::test]
async fn pages_go_in_circles_or_never_end() {
    let github = emulator_with(5).await;
    assert_eq!(walk(github.url(), 9).await, ["1", "2", "3"]);
    github.fault("GET /repos/*/*/issues", Fault::circle_of_pages(2));
    assert_eq!(walk(github.url(), 5).await, ["1", "2", "1", "2", "1"]);
    github.end_faults();
    github.fault("GET /repos/*/*/issues", Fault::circle_of_pages(1));
    assert_eq!(walk(github.url(), 3).await, ["1", "1", "1"]);
    github.end_faults();
    github.fault("GET /repos/*/*/issues", Fault::endless_pages());
    assert_eq!(walk(github.url(), 6).await.last().unwrap(), "6");
}

#[tokio::test]
async fn links_name_another_host() {
    let github = emulator_with(5).await;
    let truth = get(github.url(), LIST).await;
    github.fault(
        "GET /repos/*/*/issues",
        Fault::links_to("https://ghe.example"),
    );
    let answer = get(github.url(), LIST).await;
    assert_eq!(answer.body, truth.body);
    let expected = truth
        .link("next")
        .unwrap()
        .replace(github.url(), "https://ghe.example");
    assert_eq!(answer.link("next"), Some(expected));
}
