//! Claiming one issue by its number.

use std::sync::Arc;

use issuecommand_core::domain::claim::{ClaimStatus, StatusEntry};
use issuecommand_core::domain::event::{Details, EventKind};
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::Clock;
use issuecommand_core::engine::command::{Answer, Outcome};
use issuecommand_core::ports::store::ClaimFilter;
use issuecommand_testkit::builders::{agent, claim, issue, number, release, repo};

use super::world::{API, World, at_once};

pub(super) async fn a_claim_says_all_of_its_issue(world: &World) {
    let row = issue(7).title("Crash").labels(&["bug", "P1"]);
    world.mirror(API, [row.assignees(&["octocat"])]).await;
    let before = world.last_event().await;
    let ann = world.claim("ann", "ACME/Api", 7).await;
    let now = world.clock.now();
    assert_eq!(
        (ann.agent.as_str(), ann.repo_name.as_str(), ann.number.get()),
        ("ann", API, 7)
    );
    assert_eq!(ann.principal, Principal::Local);
    assert_eq!(
        (ann.title.as_str(), ann.status),
        ("Crash", ClaimStatus::Claimed)
    );
    assert_eq!((ann.labels.len(), ann.assignees.len()), (2, 1));
    assert_eq!((ann.claimed_at, ann.last_updated), (now, now));
    let first = StatusEntry {
        status: ClaimStatus::Claimed,
        timestamp: now,
        note: None,
    };
    assert_eq!(ann.history, [first]);
    assert_eq!(
        (&ann.pr_url, ann.pull, &ann.notice, ann.before_stale),
        (&None, None, &None, None)
    );
    assert_eq!(world.holder(API, 7).await, Some(ann.clone()));
    let events = world.events_after(before).await;
    let [event] = events.as_slice() else {
        panic!("one event was expected, not {events:?}")
    };
    assert!(event.seq > before);
    assert_eq!(
        (event.kind, event.timestamp),
        (EventKind::ClaimCreated, now)
    );
    assert_eq!(
        (event.claim, &event.agent),
        (Some(ann.id), &Some(agent("ann")))
    );
    assert_eq!(
        (&event.repo, event.number),
        (&Some(repo(API)), Some(number(7)))
    );
    assert_eq!(event.principal, Principal::Local);
    assert_eq!(event.details, Details::Created { idempotent: false });
}

pub(super) async fn an_issue_has_one_owner(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let ann = world.claim("ann", API, 1).await;
    world.pass(1);
    for other in ["bob", "Ann"] {
        let no = world.refused(claim(other, API, 1)).await;
        let claim = Box::new(ann.clone());
        assert_eq!(
            no,
            Refusal::AlreadyClaimed {
                claim,
                session: None,
                may_take_over_at: None
            }
        );
    }
}

pub(super) async fn asking_again_gets_the_same_claim(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let ann = world.claim("ann", API, 1).await;
    world.pass(600);
    let before = world.everything().await;
    let again = world.claimed(claim("ann", API, 1)).await;
    assert_eq!(again, (ann, true));
    assert_eq!(world.everything().await, before);
}

pub(super) async fn one_of_sixty_four_at_once(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let asked = (0..64).map(|n| claim(&format!("agent-{n}"), API, 1));
    let outcomes = at_once(&[world], asked).await;
    let holder = world.holder(API, 1).await.expect("somebody has it");
    let mut won = 0;
    for outcome in outcomes {
        match outcome {
            Outcome::Done(Answer::Claim {
                claim, idempotent, ..
            }) => {
                assert_eq!((*claim, idempotent), (holder.clone(), false));
                won += 1;
            }
            Outcome::Refused(Refusal::AlreadyClaimed { claim, .. }) => assert_eq!(*claim, holder),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((won, world.health().await.total_claims), (1, 1));
}

pub(super) async fn many_issues_contended_at_once(world: &World) {
    world.mirror(API, (1..=20).map(issue)).await;
    // Neighbouring agents ask for neighbouring issues, so that every issue is contended all the time.
    let asked = (0..400).map(|n| {
        claim(
            &format!("agent-{}", n % 20),
            API,
            1 + (n / 20 + n % 20) % 20,
        )
    });
    let outcomes = at_once(&[world], asked).await;
    let won = outcomes.iter().filter(|outcome| {
        matches!(
            outcome,
            Outcome::Done(Answer::Claim {
                idempotent: false,
                ..
            })
        )
    });
    assert_eq!(won.count(), 20);
    for n in 1..=20 {
        assert!(world.holder(API, n).await.is_some(), "#{n}");
    }
    let created = world.kinds_after(0).await;
    assert_eq!(created, [EventKind::ClaimCreated; 20]);
}

pub(super) async fn one_agent_sixteen_times_at_once(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let outcomes = at_once(&[world], (0..16).map(|_| claim("ann", API, 1))).await;
    let holder = world.holder(API, 1).await.expect("ann has it").id;
    let mut fresh = 0;
    for outcome in outcomes {
        let Outcome::Done(Answer::Claim {
            claim, idempotent, ..
        }) = outcome
        else {
            panic!("{outcome:?}")
        };
        assert_eq!(claim.id, holder);
        fresh += usize::from(!idempotent);
    }
    assert_eq!(fresh, 1);
}

#[expect(clippy::disallowed_methods, reason = "callers at once")]
pub(super) async fn a_caller_that_hangs_up_leaves_nothing_half_done(world: &World) {
    world.mirror(API, (1..=40).map(issue)).await;
    let mut tasks = Vec::new();
    for n in 1..=40 {
        let store = Arc::clone(&world.store);
        tasks.push(tokio::spawn(async move {
            store.transact(claim("ann", API, n)).await
        }));
        if n % 4 == 0 {
            tokio::task::yield_now().await;
        }
    }
    for (n, task) in tasks.iter().enumerate() {
        if n % 2 == 0 {
            task.abort();
        }
    }
    let mut answered = 0;
    for task in tasks {
        answered += usize::from(task.await.is_ok_and(|result| result.is_ok()));
    }
    // The started command completes anyway, before the next command is answered.
    world.poll(API).await;
    let claims = world.claims(&ClaimFilter::default()).await.len();
    assert!(claims >= answered, "{claims} of {answered}");
    assert_eq!(world.kinds_after(0).await.len(), claims);
    assert_eq!(world.health().await.active_claims, claims as u64);
}

pub(super) async fn a_released_issue_can_be_taken_anew(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let ann = world.claim("ann", API, 1).await;
    world.note(release(&ann)).await;
    let bob = world.claim("bob", API, 1).await;
    let again = world.ended().await;
    assert_eq!(again.len(), 1);
    assert_eq!(
        (again[0].id, again[0].status),
        (ann.id, ClaimStatus::Released)
    );
    assert_ne!(bob.id, ann.id);
    assert_eq!(world.holder(API, 1).await, Some(bob));
}
