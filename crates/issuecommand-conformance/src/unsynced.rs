//! Nothing eligible is answered only if every requested repository was read once.

use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::engine::command::{Command, Missing};
use issuecommand_testkit::builders::{
    claim, confined, facts, issue, mark_repo_unavailable, next, next_of, record_issues,
    record_repos, repo,
};

use super::world::{API, World};

fn within(name: &str) -> IssueFilter {
    IssueFilter::new(Some(repo(name)), None, None)
}

pub(super) async fn an_empty_store_knows_of_no_repository(world: &World) {
    assert_eq!(world.missing(next("ann")).await, Missing::Sync(vec![]));
    let missing = world.missing(next_of("ann", within(API))).await;
    assert_eq!(missing, Missing::Repo(repo(API)));
}

pub(super) async fn a_repository_never_polled_is_asked_for(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world
        .note(record_repos(&[facts("acme/new"), facts("acme/web")]))
        .await;
    world.note(record_issues("acme/web", [issue(2)])).await;
    // Existing issues are handed out anyway.
    for n in 1..=2 {
        let (claim, _) = world.claimed(next("ann")).await;
        assert_eq!(claim.number.get(), n);
    }
    let Missing::Sync(mut missing) = world.missing(next("ann")).await else {
        panic!("a sync was expected")
    };
    missing.sort();
    assert_eq!(missing, [repo("acme/new"), repo("acme/web")]);
    world.poll("acme/new").await;
    let missing = world.missing(next("ann")).await;
    assert_eq!(missing, Missing::Sync(vec![repo("acme/web")]));
    world.poll("acme/web").await;
    assert_eq!(world.refused(next("ann")).await, Refusal::NothingEligible);
}

pub(super) async fn only_where_the_agent_looks_must_be_polled(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.note(record_repos(&[facts("acme/new")])).await;
    world.claim("bob", API, 1).await;
    let no = world.refused(next_of("ann", within(API))).await;
    assert_eq!(no, Refusal::NothingEligible);
    let missing = world.missing(next_of("ann", within("ACME/new"))).await;
    assert_eq!(missing, Missing::Sync(vec![repo("acme/new")]));
    let asked = Command {
        caller: confined(&[API]),
        ..next("ann")
    };
    assert_eq!(world.refused(asked).await, Refusal::NothingEligible);
    let missing = world.missing(next_of("ann", within("acme/none"))).await;
    assert_eq!(missing, Missing::Repo(repo("acme/none")));
}

pub(super) async fn repositories_not_offered_need_no_poll(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let mut old = facts("acme/old");
    old.archived = true;
    world.note(record_repos(&[old, facts("acme/lost")])).await;
    world.note(mark_repo_unavailable("acme/lost")).await;
    world.claimed(claim("bob", API, 1)).await;
    assert_eq!(world.refused(next("ann")).await, Refusal::NothingEligible);
    let no = world.refused(next_of("ann", within("acme/old"))).await;
    assert_eq!(no, Refusal::NothingEligible);
}
