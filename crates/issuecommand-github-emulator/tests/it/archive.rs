//! Histories: a small one defined here, and the real ones if the environment names their folder.

use std::path::PathBuf;

use issuecommand_github_emulator::archive::{Archive, EventKind};
use issuecommand_github_emulator::{Association, ReviewState, State, World};
use issuecommand_testkit::machine::skipped;
use jiff::Timestamp;

use crate::raw::{get, send};

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Two issues (one by a deleted account) and a pull request that was reviewed, pushed to and merged.
fn small() -> Archive {
    Archive::parse(include_str!("archive.json")).unwrap()
}

#[test]
fn the_stream_is_in_order_of_time() {
    let lines: Vec<String> = small().events().iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "2020-01-01T00:00:00Z #1 issue opened by a ghost: First",
            "2020-01-02T00:00:00Z #2 pull request opened by bob: Fix",
            "2020-01-02T00:00:00Z #1 comment by rita",
            "2020-01-03T00:00:00Z #2 review by rita: CHANGES_REQUESTED",
            "2020-01-03T00:00:00Z #2 review comment by rita",
            "2020-01-04T00:00:00Z #4 issue opened by bob: Second",
            "2020-01-05T00:00:00Z #2 pushed bbbbbbb",
            "2020-01-05T00:00:00Z #2 review by rita: APPROVED",
            "2020-01-05T00:00:00Z #1 issue closed",
            "2020-01-06T00:00:00Z #2 merged by rita",
        ]
    );
}

#[test]
fn a_world_at_a_moment_has_all_earlier_events() {
    let archive = small();
    let world = archive.world_at(time("2020-01-04T12:00:00Z"));
    let repo = world.repo("acme/app").unwrap();
    assert_eq!(repo.open_issues(), 2);
    let ghost = repo.issue(1).unwrap();
    assert_eq!((ghost.author.as_deref(), ghost.comments.len()), (None, 1));
    assert_eq!(
        ghost.updated_at,
        time("2020-01-02T00:00:00Z"),
        "moved by the comment"
    );
    assert_eq!(ghost.comments[0].association, Association::Member);
    let pull = repo.issue(2).unwrap().pull.as_ref().unwrap();
    assert!(pull.head_sha.starts_with("aaaaaaa") && pull.head_sha.len() == 40);
    assert_eq!(pull.reviews[0].state, ReviewState::ChangesRequested);
    assert_eq!(pull.review_comments[0].review_id, Some(pull.reviews[0].id));
    assert_eq!(world.now(), time("2020-01-04T12:00:00Z"));

    let busiest = archive.busiest_moment().unwrap();
    assert_eq!(
        (busiest.open_issues, busiest.at),
        (2, time("2020-01-04T00:00:00Z"))
    );
}

#[test]
fn replay_continues_over_agents_changes() {
    let archive = small();
    let mut world = archive.world_at(time("2020-01-04T12:00:00Z"));
    world.close_issue("acme/app", 1);
    let number = world.open_pull("acme/app", "By an agent");
    assert_eq!(number, 5, "after the archive's last number");
    let steps: Vec<bool> = archive
        .events_after(world.now())
        .iter()
        .map(|event| archive.apply(event, &mut world))
        .collect();
    assert_eq!(
        steps,
        [true, true, false, true],
        "issue 1 was closed already"
    );
    assert_eq!(world.now(), time("2020-01-06T00:00:00Z"));
    let issue = world.issue("acme/app", 4).unwrap();
    assert_eq!(
        issue.state,
        State::Open,
        "a merge of the past closes only what the archive says was closed"
    );
}

/// The real histories, or a report that they are missing.
fn real_archives() -> Vec<Archive> {
    let Some(folder) = std::env::var_os("ISSUECOMMAND_TEST_DATA").map(PathBuf::from) else {
        skipped("ISSUECOMMAND_TEST_DATA is not set, the folder with the real histories");
        return Vec::new();
    };
    ["quicwg-load-balancers.json", "privacypass-base-drafts.json"]
        .iter()
        .map(|name| Archive::load(folder.join(name)).unwrap())
        .collect()
}

#[test]
fn the_busiest_moments_of_the_real_histories_are_the_known_ones() {
    let found: Vec<(String, usize)> = real_archives()
        .iter()
        .map(|archive| {
            let moment = archive.busiest_moment().unwrap();
            let world = archive.world_at(moment.at);
            assert_eq!(
                world.repo(archive.repo()).unwrap().open_issues(),
                moment.open_issues
            );
            (moment.at.to_string()[..10].to_owned(), moment.open_issues)
        })
        .collect();
    if !found.is_empty() {
        assert_eq!(
            found,
            [("2022-09-23".to_owned(), 14), ("2022-09-14".to_owned(), 24)]
        );
    }
}

#[test]
fn the_real_histories_end_as_they_did() {
    for archive in real_archives() {
        let events = archive.events();
        let mut world = archive.world_at(events[0].at);
        for event in archive.events_after(events[0].at) {
            assert!(archive.apply(event, &mut world), "{event}");
        }
        let count = |wanted: fn(&EventKind) -> bool| {
            events.iter().filter(|event| wanted(&event.what)).count()
        };
        let repo = world.repo(archive.repo()).unwrap();
        let total = |count: fn(&issuecommand_github_emulator::Issue) -> usize| {
            repo.issues().map(count).sum::<usize>()
        };
        assert_eq!(
            total(|issue| issue.comments.len()),
            count(|what| matches!(what, EventKind::Commented(_)))
        );
        let reviews = total(|issue| issue.pull.as_ref().map_or(0, |pull| pull.reviews.len()));
        assert_eq!(
            reviews,
            count(|what| matches!(what, EventKind::Reviewed { .. }))
        );
        let line_comments = total(|issue| {
            issue
                .pull
                .as_ref()
                .map_or(0, |pull| pull.review_comments.len())
        });
        assert_eq!(
            line_comments,
            count(|what| matches!(what, EventKind::ReviewCommented { .. }))
        );
        let expected = if archive.repo() == "quicwg/load-balancers" {
            [114, 129, 360, 212, 237, 0]
        } else {
            [248, 251, 443, 669, 679, 1]
        };
        let pulls = total(|issue| usize::from(issue.pull.is_some()));
        let comments = total(|issue| issue.comments.len());
        let found = [
            repo.issues().count() - pulls,
            pulls,
            comments,
            reviews,
            line_comments,
            repo.open_issues(),
        ];
        assert_eq!(found, expected, "{}", archive.repo());
    }
}

#[tokio::test]
async fn a_real_history_is_served_over_http() {
    for archive in real_archives() {
        let moment = archive.busiest_moment().unwrap();
        let expected: World = archive.world_at(moment.at);
        let github = crate::raw::start(expected.clone()).await;
        let open = format!("/repos/{}/issues?per_page=100", archive.repo());
        let rows = get(github.url(), &open).await;
        let issues = rows
            .json()
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row.get("pull_request").is_none())
            .count();
        assert_eq!(issues, moment.open_issues);
        for issue in expected.repo(archive.repo()).unwrap().issues() {
            let shown = get(
                github.url(),
                &format!("/repos/{}/issues/{}", archive.repo(), issue.number),
            )
            .await;
            assert_eq!(
                shown.json()["body"].as_str(),
                issue.body.as_deref(),
                "odd characters survive"
            );
        }
        let body = r#"{"title": "x", "head": "agent/x", "base": "main", "body": ""}"#;
        let pull = send(
            github.url(),
            "POST",
            &format!("/repos/{}/pulls", archive.repo()),
            &[],
            body,
        )
        .await;
        let last = archive
            .events()
            .iter()
            .map(|event| event.number)
            .max()
            .unwrap();
        assert_eq!(pull.json()["number"], last + 1);
    }
}
