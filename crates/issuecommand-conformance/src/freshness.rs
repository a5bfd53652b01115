//! How fresh a store's evidence must be before an issue can be claimed by its number.

use issuecommand_core::domain::issue::{IssueLookup, WithheldReason};
use issuecommand_core::domain::refusal::{Refusal, Unclaimable};
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::engine::command::{Action, Command, Missing, Outcome};
use issuecommand_testkit::builders::{
    agent, claim, finish_poll, full_poll, issue, local, number, record_issue, record_issues, repo,
};

use super::world::{API, World};

/// GitHub was asked and did not answer.
fn claim_blind(who: &str, n: i64) -> Command {
    let action = Action::ClaimIssue {
        agent: agent(who),
        repo: repo(API),
        number: number(n),
        unreachable: true,
        take_over: false,
    };
    Command::new(&local(), action)
}

/// The missing data when GitHub must be asked about this issue, without a known validator.
async fn unknown(world: &World, name: &str, n: i64) -> Missing {
    let id = world.row(name, 1).await.repo;
    Missing::Issue {
        key: (id, number(n)),
        repo: repo(name),
        etag: None,
    }
}

pub(super) async fn an_unknown_repository_is_asked_for(world: &World) {
    let missing = world.missing(claim("ann", API, 1)).await;
    assert_eq!(missing, Missing::Repo(repo(API)));
    let missing = world.missing(claim_blind("ann", 1)).await;
    assert_eq!(missing, Missing::Repo(repo(API)));
}

pub(super) async fn an_unknown_issue_is_asked_for(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let nothing = unknown(world, API, 2).await;
    assert_eq!(world.missing(claim("ann", API, 2)).await, nothing);
    assert_eq!(world.missing(claim_blind("ann", 2)).await, nothing);
}

pub(super) async fn evidence_older_than_a_minute_is_refetched(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let seen = IssueLookup::Issue {
        issue: Box::new(issue(1).build()),
        etag: Some("\"one\"".to_owned()),
    };
    world.note(record_issue(API, 1, seen)).await;
    world.clock.advance(Millis::seconds(60));
    world.claim("bob", API, 2).await;
    world.clock.advance(Millis(1));
    let missing = world.missing(claim("ann", API, 1)).await;
    let etag = Some("\"one\"".to_owned());
    let Missing::Issue { key, repo, .. } = unknown(world, API, 1).await else {
        panic!("no issue")
    };
    assert_eq!(missing, Missing::Issue { key, repo, etag });
    world
        .note(record_issue(API, 1, IssueLookup::Unchanged))
        .await;
    world.claim("ann", API, 1).await;
}

pub(super) async fn a_full_sync_refreshes_every_row_of_its_repository(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.mirror("acme/web", [issue(1)]).await;
    world.pass(10);
    // A list of changed issues does not show deletions or transfers.
    world.note(finish_poll(API, world.clock.now())).await;
    let missing = world.missing(claim("ann", API, 1)).await;
    assert!(matches!(missing, Missing::Issue { .. }));
    world.note(full_poll(API, world.clock.now())).await;
    world.claim("ann", API, 1).await;
    let missing = world.missing(claim("ann", "acme/web", 1)).await;
    assert_eq!(missing, unknown(world, "acme/web", 1).await);
}

pub(super) async fn without_github_the_mirror_is_used(world: &World) {
    world.mirror(API, [issue(1), issue(2), issue(3)]).await;
    let closed = issue(2).closed().changed(1);
    world.note(record_issues(API, [closed])).await;
    let reason = IssueLookup::Withheld(WithheldReason::NotFound);
    world.note(record_issue(API, 3, reason)).await;
    world.pass(10);
    for n in 1..=3 {
        let missing = world.missing(claim("ann", API, n)).await;
        assert!(matches!(missing, Missing::Issue { .. }), "#{n}");
    }
    for n in 2..=3 {
        let missing = world.missing(claim_blind("ann", n)).await;
        assert!(matches!(missing, Missing::Issue { .. }), "#{n}");
    }
    world.claimed(claim_blind("ann", 1)).await;
    assert!(world.holder(API, 1).await.is_some());
}

pub(super) async fn a_closed_issue_is_for_nobody(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let closed = issue(1).closed().changed(1);
    world.note(record_issues(API, [closed])).await;
    let no = world.refused(claim("ann", API, 1)).await;
    let why = Unclaimable::Closed;
    let (repo, number) = (repo(API), number(1));
    assert_eq!(no, Refusal::InvalidIssue { repo, number, why });
}

pub(super) async fn an_issue_asked_for_is_known_as_closed(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let closed = IssueLookup::Issue {
        issue: Box::new(issue(9).closed().build()),
        etag: None,
    };
    world.note(record_issue(API, 9, closed)).await;
    assert_eq!(world.row(API, 9).await.facts, issue(9).closed().build());
    let no = world.refused(claim("ann", API, 9)).await;
    let why = Unclaimable::Closed;
    let (repo, number) = (repo(API), number(9));
    assert_eq!(no, Refusal::InvalidIssue { repo, number, why });
}

pub(super) async fn a_pull_request_is_no_issue(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let no = world
        .refused(record_issue(API, 9, IssueLookup::PullRequest))
        .await;
    let why = Unclaimable::PullRequest;
    let (repo, number) = (repo(API), number(9));
    assert_eq!(no, Refusal::InvalidIssue { repo, number, why });
}

pub(super) async fn a_withheld_issue_is_always_refetched(world: &World) {
    world.mirror(API, [issue(1)]).await;
    for reason in [
        WithheldReason::NotFound,
        WithheldReason::Gone,
        WithheldReason::Moved,
    ] {
        world
            .note(record_issue(API, 1, IssueLookup::Withheld(reason)))
            .await;
        let outcome = world.ask(claim("ann", API, 1)).await;
        assert_eq!(
            outcome,
            Outcome::Missing(unknown(world, API, 1).await),
            "{reason:?}"
        );
    }
}
