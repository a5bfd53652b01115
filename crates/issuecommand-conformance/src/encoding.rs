//! Every text is stored unchanged.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::Details;
use issuecommand_core::domain::issue::{Issue, IssueFilter};
use issuecommand_core::domain::policy::{Policy, ReadinessPolicy};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::command::{Action, Command};
use issuecommand_testkit::builders::{agent, beat, facts, issue, local, record_repos};

use super::world::{API, World};

/// Texts that break hand-written quoting.
const ODD: &str = "Robert'); DROP TABLE claim;-- \"q\" \\ %_ ?1 $1 {}\n\t\r\u{1}\u{7f} مرحبا שלום 你好 e\u{301} 👩‍👩‍👧‍👦 \u{feff}\u{202e}\u{ffff}";

pub(super) async fn texts_of_strangers(world: &World) {
    let world = &world
        .under(Policy {
            readiness: ReadinessPolicy::anything(),
            ..Policy::default()
        })
        .await;
    let long = ODD.repeat(3_000);
    let odd = issue(1)
        .title(ODD)
        .body(&long)
        .labels(&[ODD, "ÄRGER", "", " spaced "])
        .assignees(&[ODD])
        .milestone(i64::from(i32::MAX), ODD)
        .build();
    let odd = Issue {
        author: Some(ODD.to_owned()),
        url: ODD.to_owned(),
        ..odd
    };
    let mut repo = facts(API);
    repo.description = Some(ODD.to_owned());
    ODD.clone_into(&mut repo.url);
    world.mirror_as(&repo, [odd.clone()]).await;
    assert_eq!(world.row(API, 1).await.facts, odd);
    assert_eq!(world.repo(API).await.map(|row| row.facts), Some(repo));
    let by_label = IssueFilter::new(None, Some("ärger"), Some(ODD));
    assert_eq!(world.offered(&by_label).await, [1]);
    let claim = world.claim("ann", API, 1).await;
    assert_eq!(
        (&claim.title, &claim.labels, &claim.assignees),
        (&odd.title, &odd.labels, &odd.assignees)
    );
    assert_eq!(world.holder(API, 1).await, Some(claim));
}

pub(super) async fn texts_of_agents(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let names = [
        "агент-🦀",
        "Robert'); DROP TABLE claim;--",
        &"é".repeat(100),
    ];
    for name in names {
        let claim = world.claim(name, API, 1).await;
        assert_eq!(claim.agent, agent(name));
        let long = ODD.repeat(50);
        let action = Action::UpdateClaim {
            claim: claim.id,
            agent: agent(name),
            to: ClaimStatus::InProgress,
            note: Some(long.clone()),
            pr_url: Some(ODD.to_owned()),
        };
        let (moved, _) = world.claimed(Command::new(&local(), action)).await;
        assert_eq!(
            (moved.history[1].note.as_ref(), moved.pr_url.as_deref()),
            (Some(&long), Some(ODD))
        );
        assert_eq!(world.holder(API, 1).await.as_ref(), Some(&moved));
        let event = world.events().await.pop().expect("it is told");
        assert_eq!(event.agent, Some(agent(name)));
        assert!(
            matches!(&event.details, Details::Moved { note, .. } if note.as_ref() == Some(&long))
        );
        let action = Action::ReleaseClaim {
            claim: claim.id,
            agent: agent(name),
            reason: Some(String::new()),
            outcome: None,
        };
        let (ended, _) = world.claimed(Command::new(&local(), action)).await;
        assert_eq!(ended.history[2].note.as_deref(), Some(""));
        assert!(world.ended().await.contains(&ended));
        world.refused(beat(&ended)).await;
    }
}

pub(super) async fn the_ends_of_numbers(world: &World) {
    let mut repo = facts(API);
    (repo.github_id, repo.open_count) = (i64::MAX, i64::MAX);
    // Times before 1970 and in the far future.
    let old = issue(1).opened(Timestamp(-86_400_001)).build();
    let far = issue(i64::from(i32::MAX))
        .opened(Timestamp(253_402_300_799_999))
        .build();
    world.mirror_as(&repo, [far.clone(), old.clone()]).await;
    assert_eq!(
        world.repo(API).await.map(|row| row.facts),
        Some(repo.clone())
    );
    assert_eq!(world.row(API, 1).await.facts, old);
    assert_eq!(world.row(API, i64::from(i32::MAX)).await.facts, far);
    assert_eq!(
        world.offered(&IssueFilter::default()).await,
        [1, i64::from(i32::MAX)]
    );
    world.claim("ann", API, i64::from(i32::MAX)).await;
    repo.github_id = 0;
    world.note(record_repos(&[repo])).await;
}
