//! Repositories: their stored data, and when they are offered.

use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::issue::{IssueFilter, IssueLookup, WithheldReason};
use issuecommand_core::domain::repo::Repo;
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::engine::command::{Action, Command, Reading};
use issuecommand_testkit::builders::{
    facts, issue, mark_repo_unavailable, next, number, record_issue, record_issues, record_repos,
    repo, update,
};

use super::world::{API, World};

pub(super) async fn known(world: &World, name: &str) -> Repo {
    world.repo(name).await.expect("it is known")
}

pub(super) async fn facts_are_kept_as_github_gives_them(world: &World) {
    let mut api = facts("Acme/API");
    api.description = Some("The \"API\" – всё".to_owned());
    api.private = true;
    api.open_count = 12;
    world
        .note(record_repos(&[api.clone(), facts("acme/web")]))
        .await;
    let row = known(world, "acme/api").await;
    assert_eq!(
        (&row.facts, row.facts.name.as_str(), row.offered),
        (&api, "Acme/API", true)
    );
    assert_eq!(
        (row.synced_at, row.polled_at, row.watermark, row.etag),
        (None, None, None, None)
    );
    api.description = None;
    api.open_count = 13;
    api.name = repo("acme/Api");
    world.note(record_repos(std::slice::from_ref(&api))).await;
    let after = known(world, "ACME/api").await;
    assert_eq!(
        (after.id, &after.facts, after.facts.name.as_str()),
        (row.id, &api, "acme/Api")
    );
    assert_ne!(known(world, "acme/web").await.id, row.id);
    assert_eq!(world.repo("acme/none").await, None);
}

pub(super) async fn a_lost_repository_offers_nothing_and_keeps_its_claims(world: &World) {
    let api = facts(API);
    world.mirror_as(&api, [issue(1), issue(2)]).await;
    world.mirror("acme/web", [issue(3)]).await;
    let ann = world.claim("ann", API, 1).await;
    for found in [
        record_repos(&[api]),
        Command::system(poll(API, world.clock.now(), None, None)),
    ] {
        world.note(mark_repo_unavailable(API)).await;
        assert!(!known(world, API).await.offered);
        assert_eq!(world.offered(&IssueFilter::default()).await, [3]);
        assert_eq!(world.holder(API, 1).await, Some(ann.clone()));
        world.note(found).await;
        assert!(known(world, API).await.offered);
        let mut offered = world.offered(&IssueFilter::default()).await;
        offered.sort_unstable();
        assert_eq!(offered, [2, 3]);
    }
    // An unknown repository cannot become unavailable.
    world.note(mark_repo_unavailable("acme/none")).await;
    assert_eq!(world.repo("acme/none").await, None);
}

pub(super) async fn an_archived_repository_offers_nothing(world: &World) {
    let mut api = facts(API);
    world.mirror_as(&api, [issue(1)]).await;
    api.archived = true;
    world.note(record_repos(std::slice::from_ref(&api))).await;
    assert_eq!(world.offered(&IssueFilter::default()).await, [0; 0]);
    world.poll(API).await;
    assert!(!known(world, API).await.offered);
    api.archived = false;
    world.note(record_repos(&[api])).await;
    assert_eq!(world.offered(&IssueFilter::default()).await, [1]);
    world.claimed(next("ann")).await;
}

pub(super) async fn an_archived_repositorys_holders_are_told_once(world: &World) {
    let mut api = facts(API);
    world.mirror_as(&api, [issue(1), issue(2)]).await;
    let claim = world.claim("ann", API, 1).await;
    let tell = Command::system(Action::NotifyRepoHolder(claim.id));
    let notice = async || {
        let held = world.holder(API, 1).await.expect("it is held");
        (held.status, held.notice)
    };
    for (archived, told) in [(false, 0), (true, 1), (true, 0), (false, 1), (false, 0)] {
        api.archived = archived;
        world.note(record_repos(std::slice::from_ref(&api))).await;
        let seq = world.last_event().await;
        world.note(tell.clone()).await;
        let kinds = world.kinds_after(seq).await;
        assert_eq!(kinds, vec![EventKind::ClaimUpdated; told], "{archived}");
        let words = archived.then(|| Claim::ARCHIVED.to_owned());
        assert_eq!(notice().await, (claim.status, words));
    }
    // Data of the issue alone leaves the notice unchanged.
    api.archived = true;
    world.note(record_repos(std::slice::from_ref(&api))).await;
    world.note(tell.clone()).await;
    world
        .note(record_issue(
            API,
            1,
            IssueLookup::Issue {
                issue: Box::new(issue(1).into()),
                etag: None,
            },
        ))
        .await;
    assert_eq!(notice().await.1.as_deref(), Some(Claim::ARCHIVED));
    // It has no holder any more.
    world.note(update(&claim, ClaimStatus::Released)).await;
    let before = world.everything().await;
    world.note(tell).await;
    assert_eq!(world.everything().await, before);
}

fn poll(name: &str, began: Timestamp, watermark: Option<Timestamp>, etag: Option<&str>) -> Action {
    let etag = etag.map(str::to_owned);
    Action::FinishPoll {
        repo: repo(name),
        began,
        watermark,
        etag,
        reading: Reading::default(),
    }
}

pub(super) async fn a_poll_leaves_its_marks(world: &World) {
    world.note(record_repos(&[facts(API)])).await;
    let first = world.clock.now();
    let ask = async |began, watermark, etag| {
        world
            .note(Command::system(poll(API, began, watermark, etag)))
            .await;
        let row = known(world, API).await;
        (row.synced_at, row.polled_at, row.watermark, row.etag)
    };
    let (t1, t2) = (Timestamp(1_700_000_000_000), Timestamp(1_700_000_060_000));
    let etag = Some("W/\"x\"".to_owned());
    assert_eq!(
        ask(first, Some(t2), Some("W/\"x\"")).await,
        (Some(first), Some(first), Some(t2), etag)
    );
    world.pass(5);
    let second = world.clock.now();
    // The first sync stays the first, a watermark never decreases, and a poll cannot have begun after its end.
    let later = second.plus(Millis::minutes(9));
    assert_eq!(
        ask(later, Some(t1), None).await,
        (Some(first), Some(second), Some(t2), None)
    );
    assert_eq!(
        ask(first, None, None).await,
        (Some(first), Some(second), Some(t2), None)
    );
}

pub(super) async fn repositories_are_listed_by_name_with_their_open_issues(world: &World) {
    world
        .mirror("beta/two", [issue(1), issue(2), issue(3)])
        .await;
    world.mirror("Alpha/one", [issue(1)]).await;
    world.note(record_repos(&[facts("acme/empty")])).await;
    world.claim("ann", "beta/two", 1).await;
    world
        .note(record_issues("beta/two", [issue(2).closed().changed(1)]))
        .await;
    let missing = IssueLookup::Withheld(WithheldReason::NotFound);
    world.note(record_issue("beta/two", 3, missing)).await;
    let repos = world.store.repos().await.expect("they are read");
    let counts: Vec<(&str, u64)> = repos
        .iter()
        .map(|count| (count.repo.facts.name.as_str(), count.open))
        .collect();
    // Open means open on GitHub, including held and withheld issues.
    assert_eq!(
        counts,
        [("acme/empty", 0), ("Alpha/one", 1), ("beta/two", 2)]
    );
    for count in &repos {
        assert_eq!(
            Some(&count.repo),
            world.repo(count.repo.facts.name.as_str()).await.as_ref()
        );
    }
    let row = world.store.issue(&repo("beta/two"), number(3)).await;
    assert!(row.is_ok_and(|row| row.is_some()));
}
