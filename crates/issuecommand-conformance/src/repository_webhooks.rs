//! Deliveries about repositories, and how they identify them.

use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::webhook::{GithubEvent, Refetch, RepoRef};
use issuecommand_testkit::builders::{
    claim, comment, facts, follow, issue, pull, record_repos, repo, told,
};

use super::world::{API, World};

fn renamed(from: &str, to: &str, action: &str, archived: bool) -> GithubEvent {
    let facts = RepoSnapshot {
        name: repo(to),
        archived,
        ..facts(from)
    };
    GithubEvent::Repo {
        repo: RepoRef {
            name: repo(to),
            facts: Some(facts),
        },
        action: action.to_owned(),
        deleted: action == "deleted",
    }
}

pub(super) async fn a_renamed_repository_is_the_same(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let item = world.asked(pull(API, 7).said(comment(1))).await;
    let place = world.repo(API).await.expect("it is known");
    let look = Some(Refetch::Repo(repo("acme/core")));
    let (_, asked) = world
        .delivered(renamed(API, "acme/core", "renamed", false))
        .await;
    assert_eq!(asked, look);
    let now = world.repo("acme/core").await.expect("it has a new name");
    assert_eq!((now.id, now.facts.name.as_str()), (place.id, "acme/core"));
    assert_eq!(world.repo(API).await, Some(now.clone()));
    assert_eq!(world.followup(item.id).await.repo_name, repo("acme/core"));
    // An earlier delivery concerns the same pull request, and does not restore the name.
    let (_, asked) = world.delivered(pull(API, 7).said(comment(2))).await;
    assert_eq!(asked, Some(Refetch::Repo(repo(API))));
    assert_eq!(world.followups().await.len(), 1);
    assert_eq!(world.followup(item.id).await.sources.len(), 2);
    assert_eq!(world.repo(API).await, Some(now));
    world.claim("ann", "acme/core", 1).await;
}

pub(super) async fn an_unknown_name_is_fetched(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let place = world.repo(API).await.expect("it is known");
    let GithubEvent::Issue {
        issue,
        action,
        gone,
        by_bot,
        ..
    } = told(API, issue(2), "opened")
    else {
        panic!("it is an issue")
    };
    let GithubEvent::Repo { repo: seen, .. } = renamed(API, "acme/core", "renamed", false) else {
        panic!("it is a repository")
    };
    let meaning = GithubEvent::Issue {
        repo: seen,
        issue,
        action,
        gone,
        by_bot,
    };
    let (_, look) = world.delivered(meaning).await;
    assert_eq!(look, Some(Refetch::Repo(repo("acme/core"))));
    // The issue is in the mirror at once, under the known name.
    assert_eq!(world.row(API, 2).await.repo, place.id);
    assert_eq!(world.repo("acme/core").await, None);
}

pub(super) async fn an_archived_or_deleted_repository_offers_nothing(world: &World) {
    for (action, archived) in [("archived", true), ("deleted", false)] {
        world.mirror(API, [issue(1), issue(2)]).await;
        let held = world.holder(API, 2).await;
        let held = match held {
            Some(held) => held,
            None => world.claim("ann", API, 2).await,
        };
        world.delivered(renamed(API, API, action, archived)).await;
        assert!(!world.repo(API).await.expect("it is known").offered);
        assert_eq!(world.offered(&IssueFilter::default()).await, [0; 0]);
        assert_eq!(world.holder(API, 2).await, Some(held));
        world
            .delivered(renamed(API, API, "unarchived", false))
            .await;
        // For a deleted repository a delivery is no evidence: GitHub must show it again.
        let again = world.repo(API).await.expect("it is known").offered;
        assert_eq!(again, action == "archived");
        world.note(record_repos(&[facts(API)])).await;
        assert!(world.repo(API).await.expect("it is known").offered);
    }
}

pub(super) async fn its_feedback_is_not_offered_and_its_holder_notified(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.claim("ann", API, 1).await;
    let held = world.asked(pull(API, 7).said(comment(1))).await;
    world.given("ann").await;
    let waiting = world.asked(pull(API, 8).said(comment(2))).await;
    for (action, archived) in [("archived", true), ("deleted", false)] {
        world.delivered(renamed(API, API, action, archived)).await;
        world.given_nothing("bob").await;
        assert!(!world.followup(held.id).await.repo_offered);
        world
            .delivered(renamed(API, API, "unarchived", false))
            .await;
        // For a deleted repository a delivery is no evidence: GitHub must show it again.
        let again = world.followup(held.id).await.repo_offered;
        assert_eq!(again, action == "archived");
        world.note(record_repos(&[facts(API)])).await;
        assert!(world.followup(held.id).await.repo_offered);
    }
    assert_eq!(world.given("bob").await.id, waiting.id);
}

fn thin(name: &str, meaning: GithubEvent) -> GithubEvent {
    let GithubEvent::Feedback {
        pull,
        source,
        voice,
        ..
    } = meaning
    else {
        panic!("it is feedback")
    };
    GithubEvent::Feedback {
        repo: RepoRef {
            name: repo(name),
            facts: None,
        },
        pull,
        source,
        voice,
    }
}

pub(super) async fn a_minimal_payload_needs_only_the_name(world: &World) {
    let first = world
        .asked(thin("acme/new", pull("acme/new", 7).said(comment(1))))
        .await;
    let known = world.repo("acme/new").await.expect("it has a place");
    // Nothing of a repository is offered before GitHub has shown it, and no poll waits for it.
    assert_eq!((known.facts.github_id, known.offered), (0, false));
    world.mirror(API, [issue(1)]).await;
    world.note(claim("ann", API, 1)).await;
    let work = world.given("ann").await;
    assert_eq!(work.id, first.id);
    world.given_nothing("bob").await;
    // Two repositories that are known only by name are different.
    world
        .asked(thin("acme/other", pull("acme/other", 7).said(comment(2))))
        .await;
    assert_eq!(world.followups().await.len(), 2);
    // GitHub's list shows one; a delivery about the other does not make it offered.
    world.note(record_repos(&[facts("acme/new")])).await;
    let seen = world.repo("acme/new").await.expect("it is known");
    assert_eq!((seen.id, seen.facts), (known.id, facts("acme/new")));
    assert!(seen.offered);
    world.joined(pull("acme/other", 7).said(comment(3))).await;
    let seen = world.repo("acme/other").await.expect("it is known");
    assert_eq!(seen.facts, facts("acme/other"));
    assert!(!seen.offered);
    assert_eq!(world.followups().await.len(), 2);
}

pub(super) async fn a_reused_name_is_resolved_by_id(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let item = world.asked(pull(API, 7).said(comment(1))).await;
    // Another repository has the name by now.
    let GithubEvent::Feedback {
        pull,
        source,
        voice,
        ..
    } = pull(API, 7).said(comment(2))
    else {
        panic!("it is feedback")
    };
    let other = RepoSnapshot {
        github_id: 77,
        ..facts(API)
    };
    let repo = RepoRef {
        name: repo(API),
        facts: Some(other),
    };
    let meaning = GithubEvent::Feedback {
        repo,
        pull,
        source,
        voice,
    };
    let new = world.asked(meaning).await;
    assert_ne!(new.repo, item.repo);
    let ann = follow("ann", item.id, FollowupStatus::Claimed);
    let bob = follow("bob", new.id, FollowupStatus::Claimed);
    for command in [ann, bob] {
        world.note(command).await;
    }
}
