//! Which issues need fresh evidence from GitHub before they are handed out, and which caller has to fetch it.

use issuecommand_core::domain::id::IssueKey;
use issuecommand_core::domain::issue::{IssueLookup, WithheldReason};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::engine::command::{Answer, Missing, Outcome};
use issuecommand_testkit::builders::{
    finish_poll, full_poll, issue, next, next_vouched, record_issue, record_issues, repo,
};

use super::world::{API, World};

/// The number of the claimed issue, or of the issue to fetch.
#[derive(Debug, PartialEq, Eq)]
enum Candidate {
    Claimed(i64),
    Refetch(i64),
    Nothing,
}

async fn next_candidate(world: &World, busy: &[IssueKey]) -> Candidate {
    let command = next_vouched("ann", busy.iter().copied());
    match world.ask(command).await {
        Outcome::Done(Answer::Claim { claim, .. }) => Candidate::Claimed(claim.number.get()),
        Outcome::Missing(Missing::Issue {
            key, repo: name, ..
        }) => {
            assert_eq!(name, repo(API));
            Candidate::Refetch(key.1.get())
        }
        Outcome::Refused(Refusal::NothingEligible) => Candidate::Nothing,
        other => panic!("{other:?}"),
    }
}

async fn key(world: &World, n: i64) -> IssueKey {
    world.row(API, n).await.key()
}

pub(super) async fn evidence_older_than_a_minute_is_refetched_before_next(world: &World) {
    world.mirror(API, (1..=3).map(issue)).await;
    world.clock.advance(Millis::seconds(60));
    assert_eq!(next_candidate(world, &[]).await, Candidate::Claimed(1));
    world.clock.advance(Millis(1));
    let row = world.row(API, 2).await;
    let missing = world.missing(next_vouched("ann", [])).await;
    let (key, repo, etag) = (row.key(), row.repo_name, row.etag);
    assert_eq!(missing, Missing::Issue { key, repo, etag });
    world
        .note(record_issue(API, 2, IssueLookup::Unchanged))
        .await;
    assert_eq!(next_candidate(world, &[]).await, Candidate::Claimed(2));
    assert_eq!(next_candidate(world, &[]).await, Candidate::Refetch(3));
    // A list of changed issues does not show deletions, so it is no evidence for issues missing from it.
    world.note(finish_poll(API, world.clock.now())).await;
    assert_eq!(next_candidate(world, &[]).await, Candidate::Refetch(3));
    world.note(full_poll(API, world.clock.now())).await;
    assert_eq!(next_candidate(world, &[]).await, Candidate::Claimed(3));
}

pub(super) async fn the_age_is_the_operators(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.clock.advance(Millis::seconds(90));
    let patient = world
        .under(Policy {
            issue_check_age: Millis::seconds(120),
            ..Policy::default()
        })
        .await;
    assert_eq!(next_candidate(world, &[]).await, Candidate::Refetch(1));
    assert_eq!(next_candidate(&patient, &[]).await, Candidate::Claimed(1));
}

pub(super) async fn an_invisible_candidate_is_skipped(world: &World) {
    world.mirror(API, (1..=4).map(issue)).await;
    world.pass(10);
    for (n, reason) in [(1, WithheldReason::NotFound), (2, WithheldReason::Moved)] {
        assert_eq!(next_candidate(world, &[]).await, Candidate::Refetch(n));
        world
            .note(record_issue(API, n, IssueLookup::Withheld(reason)))
            .await;
    }
    assert_eq!(next_candidate(world, &[]).await, Candidate::Refetch(3));
    world
        .note(record_issues(API, [issue(3).closed().changed(1)]))
        .await;
    assert_eq!(next_candidate(world, &[]).await, Candidate::Refetch(4));
    world
        .note(record_issue(
            API,
            4,
            IssueLookup::Withheld(WithheldReason::Gone),
        ))
        .await;
    assert_eq!(next_candidate(world, &[]).await, Candidate::Nothing);
}

pub(super) async fn without_github_the_mirrors_candidate_is_given(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.pass(600);
    assert_eq!(next_candidate(world, &[]).await, Candidate::Refetch(1));
    world.claimed(next("ann")).await;
    assert!(world.holder(API, 1).await.is_some());
}

pub(super) async fn others_candidates_are_passed_over_while_there_are_more(world: &World) {
    world.mirror(API, (1..=4).map(issue)).await;
    world.pass(10);
    let (one, two) = (key(world, 1).await, key(world, 2).await);
    assert_eq!(next_candidate(world, &[one]).await, Candidate::Refetch(2));
    assert_eq!(
        next_candidate(world, &[one, two]).await,
        Candidate::Refetch(3)
    );
    // The caller that fetched it gets it.
    world
        .note(record_issue(API, 1, IssueLookup::Unchanged))
        .await;
    assert_eq!(
        next_candidate(world, &[one, two]).await,
        Candidate::Refetch(3)
    );
    assert_eq!(next_candidate(world, &[two]).await, Candidate::Claimed(1));
    let rest = [two, key(world, 3).await, key(world, 4).await];
    assert_eq!(
        next_candidate(world, &rest).await,
        Candidate::Refetch(2),
        "one to wait for"
    );
    world
        .note(record_issue(API, 3, IssueLookup::Unchanged))
        .await;
    assert_eq!(
        next_candidate(world, &rest).await,
        Candidate::Claimed(3),
        "better than nothing"
    );
}
