//! The demo's world is full, varied and the same for the same seed.

use std::collections::BTreeSet;

use issuecommand_github_emulator::demo_data::{demo_world, demo_world_at};
use issuecommand_github_emulator::{State, World};

use crate::raw::get;

/// Everything by which a client could distinguish two worlds.
async fn shown(world: World) -> Vec<String> {
    let names: Vec<String> = world
        .repos()
        .map(issuecommand_github_emulator::Repo::full_name)
        .collect();
    let github = crate::raw::start(world).await;
    let mut texts = Vec::new();
    for name in names {
        let lists = [
            "issues?state=all&per_page=100",
            "issues/comments?per_page=100",
            "pulls?state=all",
        ];
        for list in lists {
            let body = get(github.url(), &format!("/repos/{name}/{list}"))
                .await
                .body;
            texts.push(body.replace(github.url(), ""));
        }
    }
    texts
}

#[tokio::test]
async fn a_seed_gives_one_world() {
    assert_eq!(shown(demo_world(7)).await, shown(demo_world(7)).await);
    assert_ne!(shown(demo_world(7)).await, shown(demo_world(8)).await);
}

#[test]
fn the_world_is_as_full_as_real_ones() {
    for seed in 0..20 {
        let now = "2026-06-01T12:00:00Z".parse().unwrap();
        let world = demo_world_at(seed, now);
        assert_eq!((world.repos().count(), world.now()), (6, now));
        let issues: Vec<_> = world
            .repos()
            .flat_map(issuecommand_github_emulator::Repo::issues)
            .filter(|issue| issue.pull.is_none())
            .collect();
        let open = issues
            .iter()
            .filter(|issue| issue.state == State::Open)
            .count();
        assert!((180..=204).contains(&open), "{open} open issues");
        let titles: BTreeSet<&str> = issues.iter().map(|issue| issue.title.as_str()).collect();
        assert_eq!(titles.len(), issues.len(), "no title twice");
        let labels: BTreeSet<&str> = issues
            .iter()
            .flat_map(|issue| &issue.labels)
            .map(String::as_str)
            .collect();
        let spellings = [
            "P1",
            "priority:high",
            "priority/high",
            "prio-high",
            "sev2",
            "severity: high",
        ];
        let spelled = spellings
            .iter()
            .filter(|spelling| labels.contains(*spelling))
            .count();
        assert!(spelled >= 4, "several spellings of one rank: {labels:?}");
        let some =
            |count: usize| assert!(count >= 5, "{count} of {} with seed {seed}", issues.len());
        some(
            issues
                .iter()
                .filter(|issue| issue.milestone.is_some())
                .count(),
        );
        some(
            issues
                .iter()
                .filter(|issue| !issue.assignees.is_empty())
                .count(),
        );
        some(
            issues
                .iter()
                .filter(|issue| issue.comments.len() > 1)
                .count(),
        );
        assert!(
            issues.iter().all(|issue| issue.updated_at <= now),
            "nothing in the future"
        );
        assert!(
            world
                .repos()
                .all(|repo| repo.issues().any(|issue| issue.pull.is_some()))
        );
    }
}
