//! Each field of each decoded delivery, in turn missing, null and of every other type.

use std::collections::BTreeMap;

use issuecommand_core::domain::issue::IssueState;
use issuecommand_core::domain::webhook::GithubEvent;
use issuecommand_github_emulator::{
    Alteration, Association, Delivery, GithubEmulator, NewComment, NewIssue, NewPull, ReviewState,
    World,
};
use issuecommand_testkit::prove::rounds;
use serde_json::Value;

use super::{ignored, read};

const APP: &str = "acme/app";

/// The deliveries of a history with one event of each kind.
async fn deliveries() -> Vec<Delivery> {
    let mut world = World::new();
    world.add_repo(APP);
    world.add_repo("acme/web");
    world.add_member(APP, "ada", Association::Member);
    world.record_deliveries();
    for n in 1..=3 {
        world.open_issue(APP, NewIssue::titled(&format!("Issue {n}")).label("bug"));
    }
    world.label(APP, 1, "p1");
    world.close_issue(APP, 1);
    world.reopen(APP, 1);
    world.delete_issue(APP, 2);
    world.transfer_issue(APP, 3, "acme/web");
    let new = NewIssue::titled("Mend it").body("Closes #1").by("ada");
    let pull = world.open_pull(APP, NewPull::from_branch("mend", new));
    let no = NewComment::saying("No").by("rita");
    let review = world.review(APP, pull, ReviewState::ChangesRequested, no);
    let here = NewComment::saying("here").by("rita").in_review(review);
    let line = world.review_comment(APP, pull, here.on_line("src/a.rs", 3));
    world.resolve_thread(APP, pull, line);
    world.unresolve_thread(APP, pull, line);
    world.edit_review_comment(APP, pull, line, "there");
    let under = world.comment(APP, pull, NewComment::saying("Hm").by("rita"));
    world.edit_comment(APP, pull, under, "Well");
    world.delete_comment(APP, pull, under);
    world.dismiss_review(APP, pull, review);
    world.push(APP, pull);
    world.edit_body(APP, pull, "Closes #1, really");
    world.close_pull(APP, pull);
    world.reopen(APP, pull);
    world.merge_pull(APP, pull);
    let github = GithubEmulator::start(world).await;
    let mut kinds = BTreeMap::new();
    for delivery in github.deliveries() {
        kinds.insert((delivery.event.clone(), delivery.action.clone()), delivery);
    }
    kinds.into_values().collect()
}

/// The ends in a delivery: the issue closed or gone, the pull request merged.
fn ends(meaning: &GithubEvent) -> [bool; 3] {
    let (mut closed, mut is_gone, mut merged) = (false, false, false);
    match meaning {
        GithubEvent::Issue { issue, gone, .. } => {
            closed = issue.state == IssueState::Closed;
            is_gone = gone.is_some();
        }
        GithubEvent::Transferred { issue, .. } => {
            closed = issue.state == IssueState::Closed;
            is_gone = true;
        }
        GithubEvent::Pull { pull, .. } => merged = pull.merged,
        GithubEvent::Feedback { pull, .. }
        | GithubEvent::Withdrawn { pull, .. }
        | GithubEvent::Unresolved { pull, .. } => {
            merged = pull.facts.as_ref().is_some_and(|facts| facts.merged);
        }
        _ => {}
    }
    [closed, is_gone, merged]
}

/// The feedback in a delivery.
fn feedback(meaning: &GithubEvent) -> Option<String> {
    match meaning {
        GithubEvent::Feedback { source, .. } => Some(format!("{:?} {:?}", source.id, source.body)),
        GithubEvent::Withdrawn {
            sources, reviewer, ..
        } => Some(format!("{sources:?} {reviewer:?}")),
        GithubEvent::Unresolved { sources, .. } => Some(format!("{sources:?}")),
        _ => None,
    }
}

/// Whether the text can be understood without this field.
fn is_beside(pointer: &str) -> bool {
    let beside = ["/pull_request/", "/issue/", "/repository/", "/sender"];
    let needed = [
        "/pull_request/number",
        "/issue/number",
        "/issue/pull_request",
    ];
    beside.iter().any(|begin| pointer.starts_with(begin)) && !needed.contains(&pointer)
}

#[tokio::test]
async fn prove_one_altered_field_of_a_delivery_ends_no_claim_or_followup() {
    let deliveries = deliveries().await;
    assert!(deliveries.len() >= 18, "{}", deliveries.len());
    let mut count = 0_u32;
    for delivery in deliveries {
        let document: Value = serde_json::from_str(&delivery.body).unwrap();
        let clean = read(&delivery.event, &document);
        for alteration in Alteration::all_of(&document) {
            count += 1;
            if !count.is_multiple_of(rounds(5, 1)) {
                continue;
            }
            let altered = alteration.of(&document);
            let heard = read(&delivery.event, &altered);
            let case = format!("{} {} {alteration:?}", delivery.event, delivery.action);
            for (is, was) in ends(&heard).into_iter().zip(ends(&clean)) {
                assert!(was || !is, "{case}: {heard:?}");
            }
            if is_beside(&alteration.pointer) {
                assert_eq!(feedback(&heard), feedback(&clean), "{case}: {heard:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_time_of_merge_that_is_none_is_no_merge() {
    let deliveries = deliveries().await;
    let closed =
        |delivery: &&Delivery| delivery.event == "pull_request" && delivery.action == "reopened";
    let delivery = deliveries.iter().find(closed).unwrap();
    let mut document: Value = serde_json::from_str(&delivery.body).unwrap();
    for merged_at in [true.into(), 5.into(), "x".into(), Value::from(vec![5])] {
        document["pull_request"]["merged_at"] = merged_at;
        document["pull_request"]["merged"] = false.into();
        document["action"] = "closed".into();
        document["pull_request"]["state"] = "closed".into();
        let GithubEvent::Pull { pull, .. } = read("pull_request", &document) else {
            panic!("{document}")
        };
        assert_eq!((pull.open, pull.merged), (false, false));
    }
    document["action"] = 5.into();
    ignored("pull_request", &document);
}
