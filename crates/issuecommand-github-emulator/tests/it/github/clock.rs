//! GitHub's own clock, and the times in responses.

use issuecommand_github_emulator::Fault;
use jiff::{SignedDuration, Timestamp};

use super::{emulator_with, world_with};
use crate::raw::{get, get_if_changed, send};

const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// `Date` as a time.
fn date(answer: &crate::raw::Answer) -> Timestamp {
    let text = answer
        .header("date")
        .unwrap_or_else(|| panic!("{answer:?}"));
    let parsed = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text);
    parsed.unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test]
async fn every_response_has_a_date_header() {
    let github = emulator_with(1).await;
    let now = github.world(|world| world.now());
    let issue = get(github.url(), "/repos/acme/app/issues/1").await;
    assert_eq!(date(&issue), now);
    let tag = issue.header("etag").unwrap().to_owned();
    github.world(|world| world.shift_clock(YEAR));
    let unchanged = get_if_changed(github.url(), "/repos/acme/app/issues/1", &tag).await;
    assert_eq!(unchanged.status, 304, "time alone changes nothing");
    assert_eq!(date(&unchanged), now + YEAR);
    let wrong = [("authorization", "Bearer wrong")];
    let refused = send(github.url(), "GET", "/user", &wrong, "").await;
    assert_eq!((refused.status, date(&refused)), (401, now + YEAR));
    assert_eq!(date(&get(github.url(), "/no/such/thing").await), now + YEAR);
    github.fault("/user", Fault::status(502).times(1));
    let failed = get(github.url(), "/user").await;
    assert_eq!((failed.status, date(&failed)), (502, now + YEAR));
}

#[tokio::test]
async fn a_date_may_be_missing_or_wrong() {
    let github = emulator_with(1).await;
    github.fault("/user", Fault::none().without_header("Date").times(1));
    let silent = get(github.url(), "/user").await;
    assert_eq!(silent.status, 200);
    assert_eq!(silent.header("date").unwrap_or_default(), "", "{silent:?}");
    let tag = Fault::none().without_header("etag").times(1);
    github.fault("/user", tag);
    assert_eq!(get(github.url(), "/user").await.header("etag"), None);
    github.fault("/user", Fault::none().header("date", "yesterday").times(1));
    let wrong = get(github.url(), "/user").await;
    assert_eq!(wrong.header("date"), Some("yesterday"));
}

#[test]
fn a_clock_set_back_does_not_lower_updated_at() {
    let mut world = world_with(1);
    let before = world.issue("acme/app", 1).unwrap().updated_at;
    world.shift_clock(-YEAR);
    world.edit_title("acme/app", 1, "Another");
    assert_eq!(world.issue("acme/app", 1).unwrap().updated_at, before);
    let number = world.open_issue("acme/app", "Of last year");
    let opened = world.issue("acme/app", number).unwrap().created_at;
    assert!(opened < before, "{opened}");
}

#[test]
fn a_clock_that_follows_the_system_may_be_off() {
    let mut world = world_with(0);
    world.follow_system_clock();
    world.shift_clock(SignedDuration::from_hours(1));
    let ahead = world.now().duration_since(Timestamp::now());
    let hour = SignedDuration::from_hours(1);
    assert!(
        (ahead - hour).abs() <= SignedDuration::from_secs(5),
        "{ahead}"
    );
}
