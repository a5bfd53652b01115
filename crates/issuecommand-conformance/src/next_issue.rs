//! The next issue: the most urgent one that matches, never the same twice.

use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::issue::{IssueFilter, IssueLookup, WithheldReason};
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::command::{Answer, Command, Outcome};
use issuecommand_core::ports::store::ClaimFilter;
use issuecommand_testkit::builders::{
    confined, facts, issue, mark_repo_unavailable, next, next_of, record_issue, record_issues,
    record_repos, release, repo,
};

use super::world::{API, World, at_once};

/// All that an agent gets until nothing is left: (repository, number).
async fn drain(world: &World, command: Command) -> Vec<(String, i64)> {
    let mut got = Vec::new();
    loop {
        match world.ask(command.clone()).await {
            Outcome::Done(Answer::Claim { claim, .. }) => {
                got.push((claim.repo_name.to_string(), claim.number.get()));
            }
            Outcome::Refused(Refusal::NothingEligible) => return got,
            other => panic!("{other:?}"),
        }
    }
}

async fn numbers(world: &World, filter: IssueFilter) -> Vec<i64> {
    let got = drain(world, next_of("ann", filter)).await;
    got.into_iter().map(|(_, number)| number).collect()
}

pub(super) async fn it_comes_with_its_issue(world: &World) {
    world
        .mirror(API, [issue(3).title("Crash").labels(&["bug"])])
        .await;
    let Answer::Claim {
        claim,
        issue: Some(row),
        idempotent,
        outbox,
        ..
    } = world.note(next("ann")).await
    else {
        panic!("a claim and its issue were expected")
    };
    assert_eq!(*row, world.row(API, 3).await);
    assert_eq!(
        (claim.title.as_str(), &claim.labels),
        ("Crash", &row.facts.labels)
    );
    assert_eq!((idempotent, outbox), (false, None));
    assert_eq!(world.holder(API, 3).await, Some(*claim));
}

pub(super) async fn rank_comes_before_age_and_age_before_number(world: &World) {
    let noon = Timestamp(1_735_732_800_000);
    let rows = [
        issue(1).labels(&["low"]),
        issue(2),
        issue(3).labels(&["p2"]),
        issue(4).labels(&["priority: high"]),
        issue(5).labels(&["urgent", "minor"]),
        issue(9).opened(noon),
        issue(8).opened(noon),
        issue(10).opened(noon),
    ];
    world.mirror(API, rows).await;
    let expected = [5, 4, 2, 3, 8, 9, 10, 1];
    assert_eq!(world.offered(&IssueFilter::default()).await, expected);
    assert_eq!(numbers(world, IssueFilter::default()).await, expected);
}

pub(super) async fn repositories_share_one_order(world: &World) {
    world
        .mirror("acme/web", [issue(2), issue(5).labels(&["p0"])])
        .await;
    world.mirror(API, [issue(1), issue(2), issue(4)]).await;
    let got = drain(world, next("ann")).await;
    let order: Vec<(&str, i64)> = got.iter().map(|(name, n)| (name.as_str(), *n)).collect();
    let web = "acme/web";
    assert_eq!(order, [(web, 5), (API, 1), (web, 2), (API, 2), (API, 4)]);
}

pub(super) async fn filters_hold_all_at_once(world: &World) {
    let rows = [
        issue(1).labels(&["bug"]),
        issue(2)
            .labels(&["Bug", "Good First Issue"])
            .milestone(7, "v1.0"),
        issue(3).labels(&["good first issue"]).milestone(7, "v1.0"),
        issue(4)
            .labels(&["bug", "good first issue"])
            .milestone(8, "Später"),
        issue(5).labels(&["bugs"]),
    ];
    world.mirror(API, rows).await;
    world
        .mirror("acme/web", [issue(6).labels(&["bug"]).milestone(7, "v2")])
        .await;
    let of =
        |name: Option<&str>, label, milestone| IssueFilter::new(name.map(repo), label, milestone);
    for (filter, expected) in [
        (of(None, Some("bug"), None), vec![1, 2, 4, 6]),
        (of(Some(API), Some("BUG"), None), vec![1, 2, 4]),
        (
            of(Some("ACME/API"), Some("good first issue, bug"), None),
            vec![2, 4],
        ),
        (of(None, None, Some("v1.0")), vec![2, 3]),
        (of(None, None, Some("V1.0 ")), vec![2, 3]),
        (of(None, None, Some("7")), vec![2, 3, 6]),
        (of(None, Some("bug"), Some("SPÄTER")), vec![4]),
        (of(Some("acme/web"), Some("bug"), Some("v1.0")), vec![]),
        (of(None, Some("nothing has this"), None), vec![]),
        (of(Some(API), None, None), vec![1, 2, 3, 4, 5]),
    ] {
        assert_eq!(world.offered(&filter).await, expected, "{filter:?}");
        assert_eq!(numbers(world, filter.clone()).await, expected, "{filter:?}");
        // The claims are released for the next filter.
        for claim in world.claims(&ClaimFilter::default()).await {
            world.note(release(&claim)).await;
        }
    }
}

pub(super) async fn a_confined_caller_gets_what_it_may_see(world: &World) {
    world.mirror(API, [issue(1).labels(&["p0"])]).await;
    world.mirror("acme/web", [issue(2)]).await;
    let asked = Command {
        caller: confined(&["ACME/web"]),
        ..next("ann")
    };
    assert_eq!(drain(world, asked).await, [("acme/web".to_owned(), 2)]);
    let nowhere = Command {
        caller: confined(&[]),
        ..next("ann")
    };
    assert_eq!(world.refused(nowhere).await, Refusal::NothingEligible);
}

pub(super) async fn only_what_is_ready_is_given(world: &World) {
    world.mirror(API, (1..=6).map(issue)).await;
    world.mirror("acme/lost", [issue(7)]).await;
    let mut archived = facts("acme/archived");
    world.mirror_as(&archived, [issue(8)]).await;
    world.note(mark_repo_unavailable("acme/lost")).await;
    archived.archived = true;
    world.note(record_repos(&[archived])).await;
    world.claim("bob", API, 1).await;
    world
        .note(record_issues(API, [issue(2).closed().changed(1)]))
        .await;
    for (n, reason) in [
        (3, WithheldReason::NotFound),
        (4, WithheldReason::Gone),
        (5, WithheldReason::Moved),
    ] {
        world
            .note(record_issue(API, n, IssueLookup::Withheld(reason)))
            .await;
    }
    assert_eq!(world.offered(&IssueFilter::default()).await, [6]);
    assert_eq!(numbers(world, IssueFilter::default()).await, [6]);
}

pub(super) async fn nothing_eligible_changes_nothing(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.claim("bob", API, 1).await;
    assert_eq!(world.refused(next("ann")).await, Refusal::NothingEligible);
}

pub(super) async fn a_released_issue_goes_back_to_its_place(world: &World) {
    world.mirror(API, (1..=3).map(issue)).await;
    let (first, _): (Claim, bool) = world.claimed(next("ann")).await;
    world.note(release(&first)).await;
    assert_eq!(numbers(world, IssueFilter::default()).await, [1, 2, 3]);
}

pub(super) async fn fifty_agents_at_once_get_fifty_issues(world: &World) {
    world.mirror(API, (1..=50).map(issue)).await;
    let outcomes = at_once(&[world], (0..50).map(|n| next(&format!("agent-{n}")))).await;
    let mut got: Vec<i64> = outcomes.into_iter().map(number_of).collect();
    got.sort_unstable();
    assert_eq!(got, (1..=50).collect::<Vec<_>>());
    assert_eq!(world.refused(next("late")).await, Refusal::NothingEligible);
}

pub(super) async fn eighty_agents_at_once_share_fifty_issues(world: &World) {
    world.mirror(API, (1..=50).map(issue)).await;
    let outcomes = at_once(&[world], (0..80).map(|n| next(&format!("agent-{n}")))).await;
    let (nothing, got): (Vec<_>, Vec<_>) = outcomes
        .into_iter()
        .partition(|outcome| *outcome == Outcome::Refused(Refusal::NothingEligible));
    let mut got: Vec<i64> = got.into_iter().map(number_of).collect();
    got.sort_unstable();
    got.dedup();
    assert_eq!((got.len(), nothing.len()), (50, 30));
}

pub(super) async fn concurrent_filters_all_get_an_issue(world: &World) {
    // Forty agents want a bug and twenty want any issue: enough for all in every order.
    let label = |n: i64| if n % 3 == 0 { "docs" } else { "bug" };
    world
        .mirror(API, (1..=90).map(|n| issue(n).labels(&[label(n)])))
        .await;
    let asked = (0..60).map(|n| {
        let filter = if n % 3 == 0 {
            IssueFilter::default()
        } else {
            IssueFilter::new(None, Some("bug"), None)
        };
        next_of(&format!("agent-{n}"), filter)
    });
    let outcomes = at_once(&[world], asked).await;
    let mut got = Vec::new();
    for (n, outcome) in outcomes.into_iter().enumerate() {
        let number = number_of(outcome);
        assert!(
            n % 3 == 0 || label(number) == "bug",
            "agent-{n} got #{number}"
        );
        got.push(number);
    }
    got.sort_unstable();
    got.dedup();
    assert_eq!(got.len(), 60);
}

fn number_of(outcome: Outcome) -> i64 {
    match outcome {
        Outcome::Done(Answer::Claim { claim, .. }) => claim.number.get(),
        other => panic!("somebody heard {other:?}"),
    }
}
