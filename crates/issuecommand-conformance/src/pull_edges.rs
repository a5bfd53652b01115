//! An open pull request that closes an issue keeps it back, and so does a merge after which GitHub still shows it open.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::issue::{Issue, Said};
use issuecommand_core::domain::policy::{Authors, Policy, ReadinessPolicy};
use issuecommand_core::domain::priority::Priority;
use issuecommand_core::domain::readiness::{NotReady, ReasonCode};
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::engine::command::Action;
use issuecommand_testkit::builders::{
    PullDraft, claim, facts, finish_poll, hear, issue, issue_place, list_pulls, pull,
    record_issues, record_repos, release, update,
};

use super::readiness::{codes, offered, reasons};
use super::world::{API, World};

fn closing(n: i64) -> PullDraft {
    pull(API, 9).closes(&[(API, n)])
}

pub(super) async fn an_open_pull_request_keeps_its_issue_back(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.note(hear(closing(1).opened())).await;
    assert_eq!(offered(world).await, [2]);
    let by_it = NotReady::HasOpenPr {
        pulls: vec![issue_place(API, 9)],
    };
    assert_eq!(reasons(world, 1).await, [by_it]);
    world
        .note(hear(closing(1).at(5).reworded(&[(API, 2)]).edited()))
        .await;
    assert_eq!(offered(world).await, [1]);
    world
        .note(hear(closing(2).at(9).closed().ended_unmerged()))
        .await;
    assert_eq!(offered(world).await, [1, 2]);
    world.note(hear(closing(2).at(12).reopened())).await;
    assert_eq!(offered(world).await, [1]);
}

pub(super) async fn a_list_shows_that_it_is_open_no_more(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.note(list_pulls(API, &[(9, true)])).await;
    world.note(hear(closing(1).opened())).await;
    assert_eq!(offered(world).await, [2]);
    world.note(list_pulls(API, &[(9, false)])).await;
    assert_eq!(offered(world).await, [1, 2]);
    // It was reopened, as the list of open ones tells.
    world.note(hear(closing(1).at(12).edited())).await;
    assert_eq!(offered(world).await, [2]);
}

pub(super) async fn a_merge_that_left_the_issue_open_keeps_it_back(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.note(hear(closing(1).opened())).await;
    world
        .note(hear(closing(1).at(9).merged().ended_by_merge()))
        .await;
    assert_eq!(codes(world, 1).await, [ReasonCode::MergedPr]);
    assert_eq!(offered(world).await, Vec::<i64>::new());
    // A person closes it and opens it again: there is more to do.
    let far = 60 * 24 * 365 * 3;
    world
        .note(record_issues(API, [issue(1).closed().changed(far)]))
        .await;
    world
        .note(record_issues(API, [issue(1).changed(far + 1)]))
        .await;
    assert_eq!(offered(world).await, [1]);
    world
        .note(hear(closing(1).at(9).merged().ended_by_merge()))
        .await;
    assert_eq!(offered(world).await, [1], "it was merged before");
}

pub(super) async fn a_claim_that_ended_as_done_is_not_handed_out_again(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let mut claimed = world.claim("ann", API, 1).await;
    for to in [
        ClaimStatus::InProgress,
        ClaimStatus::PrSubmitted,
        ClaimStatus::PrMerged,
        ClaimStatus::Closed,
    ] {
        let mut command = update(&claimed, to);
        if let Action::UpdateClaim { pr_url, .. } = &mut command.action {
            *pr_url = Some("https://github.com/acme/api/pull/8".to_owned());
        }
        (claimed, _) = world.claimed(command).await;
    }
    let later = world.event_times().await.pop().expect("events");
    let later = later.plus(Millis::minutes(5));
    world.clock.advance(Millis::minutes(6));
    world.note(finish_poll(API, later)).await;
    assert_eq!(codes(world, 1).await, [ReasonCode::MergedPr]);
    world.poll(API).await;
    let claimed = world.claim("bob", API, 1).await;
    world.claimed(release(&claimed)).await;
    assert_eq!(offered(world).await, Vec::<i64>::new());
}

pub(super) async fn a_strangers_pull_request_keeps_nobody_back_where_strangers_are_not_trusted(
    world: &World,
) {
    let strict = &world
        .under(Policy {
            readiness: ReadinessPolicy {
                authors: Authors::Auto,
                ..ReadinessPolicy::default()
            },
            ..Policy::default()
        })
        .await;
    let mut own: Issue = issue(1).build();
    own.more.author_association = Some("OWNER".to_owned());
    strict.mirror(API, [own]).await;
    strict.note(hear(closing(1).of_a_stranger().opened())).await;
    assert_eq!(offered(strict).await, [1]);
    strict.note(hear(closing(1).at(3).opened())).await;
    assert_eq!(offered(strict).await, Vec::<i64>::new());
}

pub(super) async fn types_and_fields_count(world: &World) {
    let typed = |n: i64, kind: Said<String>| {
        let mut issue: Issue = issue(n).build();
        issue.more.kind = kind;
        issue
    };
    let world = &world
        .under(Policy {
            readiness: ReadinessPolicy {
                types: vec!["bug".to_owned()],
                ..ReadinessPolicy::default()
            },
            ..Policy::default()
        })
        .await;
    let mut urgent = typed(3, Said::Is("Bug".to_owned()));
    urgent.more.fields = Some([("Priority".to_owned(), "Urgent".to_owned())].into());
    urgent.labels = vec!["priority: low".to_owned()];
    let issues = [
        typed(1, Said::Is("BUG".to_owned())),
        typed(2, Said::Is("Task".to_owned())),
        urgent,
        typed(4, Said::Nothing),
    ];
    world.mirror(API, issues).await;
    assert_eq!(offered(world).await, [3, 1]);
    assert_eq!(world.row(API, 3).await.rank, Priority::Critical);
    assert_eq!(codes(world, 2).await, [ReasonCode::MissingLabel]);
    let message = &reasons(world, 2).await[0].words();
    assert_eq!(message, "Its type Task is none of READY_TYPES (bug)");
    // A message that leaves the facts out does not take them away.
    world
        .note(record_issues(
            API,
            [issue(1).changed(4), issue(3).changed(4)],
        ))
        .await;
    assert_eq!(offered(world).await, [3, 1]);
}

pub(super) async fn an_archived_repositorys_issues_are_for_nobody(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let archived = RepoSnapshot {
        archived: true,
        ..facts(API)
    };
    world.note(record_repos(&[archived])).await;
    let refusal = world.refused(claim("ann", API, 1)).await;
    let Refusal::NotReady { reasons, .. } = refusal else {
        panic!("{refusal:?}")
    };
    assert_eq!(reasons, [NotReady::RepoNotOffered]);
}
