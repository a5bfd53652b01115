//! A repository's own policy narrows what is handed out, and a change of it is judged for all of its issues.

use issuecommand_core::domain::event::{Details, EventKind};
use issuecommand_core::domain::id::{IssueNumber, RepoId};
use issuecommand_core::domain::issue::{Issue, Said};
use issuecommand_core::domain::policy::{CapacityPolicy, Policy, ReadinessPolicy, Route};
use issuecommand_core::domain::priority::Priority;
use issuecommand_core::domain::readiness::{NotReady, ReasonCode};
use issuecommand_core::domain::repo_policy::{KnownPolicy, RepoPolicy, SeenPolicy};
use issuecommand_core::engine::command::{Action, Answer, Command, Outcome, RepoPage};
use issuecommand_testkit::builders::{agent, issue, next, release, repo};

use super::attempts::{give_back, given, policy};
use super::readiness::{codes, offered, reasons};
use super::world::{API, World, at_once, lenient};

const WEB: &str = "acme/web";

fn good(policy: RepoPolicy) -> SeenPolicy {
    SeenPolicy::Good {
        policy: Box::new(policy),
        etag: Some("t".to_owned()),
    }
}

fn record(seen: SeenPolicy) -> Command {
    Command::system(Action::RecordPolicy(repo(API), seen))
}

/// Records what a look showed; returns whether issues must be judged anew.
async fn seen(world: &World, seen: SeenPolicy) -> bool {
    match world.note(record(seen)).await {
        Answer::Tally { more, .. } => more,
        other => panic!("{other:?}"),
    }
}

async fn id(world: &World) -> RepoId {
    world.repo(API).await.expect("it is known").id
}

async fn known(world: &World) -> Option<KnownPolicy> {
    let known = world.store.repo_policy(id(world).await).await;
    known.expect("policies are read")
}

async fn page(world: &World, version: i64, after: Option<IssueNumber>) -> Option<IssueNumber> {
    let repo = id(world).await;
    let action = Action::JudgeRepo(RepoPage {
        repo,
        version,
        after,
    });
    match world.note(Command::system(action)).await {
        Answer::Reranked(last) => last.map(|key| key.1),
        other => panic!("{other:?}"),
    }
}

/// Takes a policy, and judges the issues by it.
async fn take(world: &World, policy: RepoPolicy) {
    assert!(seen(world, good(policy)).await);
    let version = known(world).await.expect("it is known").version;
    assert_eq!(page(world, version, None).await, None);
}

fn labels(labels: &[&str]) -> Vec<String> {
    labels.iter().map(|&label| label.to_owned()).collect()
}

pub(super) async fn labels_and_types_of_a_repository_narrow(world: &World) {
    let world = &world
        .under(Policy {
            readiness: ReadinessPolicy {
                require_labels: labels(&["agent"]),
                ..ReadinessPolicy::default()
            },
            ..lenient()
        })
        .await;
    let typed = |n: i64, kind: &str| {
        let mut issue: Issue = issue(n).labels(&["Agent", "web"]).build();
        issue.more.kind = Said::Is(kind.to_owned());
        issue
    };
    world.mirror(WEB, [issue(9).labels(&["agent"])]).await;
    let issues = [
        typed(1, "Bug"),
        typed(2, "Task"),
        issue(3).labels(&["agent"]).build(),
        issue(4).labels(&["agent", "web", "Design"]).build(),
        issue(5).labels(&["web"]).build(),
    ];
    world.mirror(API, issues).await;
    assert_eq!(offered(world).await, [1, 2, 3, 4, 9]);
    let ours = RepoPolicy {
        exclude_labels: labels(&["design"]),
        require_labels: labels(&["web"]),
        types: labels(&["bug"]),
        ..RepoPolicy::default()
    };
    take(world, ours.clone()).await;
    assert_eq!(offered(world).await, [1, 9]);
    let words = async |n: i64| {
        let reasons = reasons(world, n).await;
        let words = reasons.iter().map(NotReady::words);
        words.collect::<Vec<String>>()
    };
    let file = "in its repository's .github/issuecommand.toml";
    let no_type = format!("It has no type, so it is none of types {file} (bug)");
    assert_eq!(
        words(2).await,
        [format!("Its type Task is none of types {file} (bug)")]
    );
    let no_label = format!("It has none of require_labels {file} (web)");
    assert_eq!(words(3).await, [no_label, no_type.clone()]);
    let excluded = format!("It has the label \"Design\", which exclude_labels {file} names");
    assert_eq!(words(4).await, [excluded, no_type.clone()]);
    // What the operator asks for holds all the same.
    let operators = "It has none of READY_REQUIRE_LABELS (agent)".to_owned();
    assert_eq!(words(5).await, [operators, no_type]);
    // A new issue is judged by it at once.
    world.mirror(API, [typed(6, "Bug"), typed(7, "Task")]).await;
    assert_eq!(offered(world).await, [1, 6, 9]);
    assert_eq!(codes(world, 7).await, [ReasonCode::MissingLabel]);
    // The same again changes nothing.
    let before = world.everything().await;
    assert!(!seen(world, good(ours)).await);
    assert_eq!(world.everything().await, before);
}

pub(super) async fn the_last_good_policy_holds(world: &World) {
    let issues = [issue(1).labels(&["design"]), issue(2).labels(&["later"])];
    world.mirror(API, issues).await;
    let before = world.last_event().await;
    let exclude = |label: &str| RepoPolicy {
        exclude_labels: labels(&[label]),
        ..RepoPolicy::default()
    };
    take(world, exclude("design")).await;
    assert_eq!(offered(world).await, [2]);
    let broken = || SeenPolicy::Broken("line 2: no".to_owned());
    assert!(!seen(world, broken()).await);
    assert!(!seen(world, broken()).await, "it is told once");
    let row = known(world).await.expect("it is known");
    assert_eq!(row.policy, Some(exclude("design")));
    assert_eq!((row.etag, row.error.as_deref()), (None, Some("line 2: no")));
    assert_eq!(offered(world).await, [2]);
    take(world, exclude("later")).await;
    assert_eq!(offered(world).await, [1]);
    assert!(seen(world, SeenPolicy::Gone).await);
    let row = known(world).await.expect("its issues are not judged yet");
    assert_eq!((row.policy, row.error), (None, None));
    assert_eq!(page(world, row.version, None).await, None);
    assert_eq!(offered(world).await, [1, 2]);
    assert_eq!(known(world).await, None);
    assert!(!seen(world, SeenPolicy::Gone).await);
    let events = world.events_after(before).await;
    let told: Vec<(EventKind, Option<String>)> = events
        .into_iter()
        .map(|event| match event.details {
            Details::Work { note } => (event.kind, note),
            other => panic!("{other:?}"),
        })
        .collect();
    let event = |kind: EventKind, note: &str| (kind, Some(note.to_owned()));
    assert_eq!(
        told,
        [
            event(EventKind::PolicyChanged, "it sets exclude_labels"),
            event(EventKind::PolicyBroken, "line 2: no"),
            event(EventKind::PolicyChanged, "it sets exclude_labels"),
            event(EventKind::PolicyChanged, "there is no file"),
        ]
    );
    // A file that never was good leaves nothing behind.
    assert!(!seen(world, broken()).await);
    assert!(!seen(world, SeenPolicy::Gone).await);
    assert_eq!(known(world).await, None);
}

pub(super) async fn a_change_is_judged_page_by_page(world: &World) {
    let red = |n: i64| issue(n).labels(&["red"]);
    world.mirror(API, (1..=600).map(red)).await;
    world.mirror(WEB, (1..=10).map(red)).await;
    let exclude = |label: &str| {
        good(RepoPolicy {
            exclude_labels: labels(&[label]),
            ..RepoPolicy::default()
        })
    };
    assert!(seen(world, exclude("red")).await);
    let last = page(world, 1, None).await.expect("there are more than 500");
    assert_eq!(offered(world).await.len(), 110);
    assert!(
        seen(world, exclude("red")).await,
        "whoever looks next knows that not all are judged"
    );
    // Another change comes in between: a page of the former one judges nothing, and ends nothing.
    assert!(seen(world, exclude("blue")).await);
    assert_eq!(page(world, 1, Some(last)).await, None);
    let row = known(world).await.expect("it is known");
    assert_eq!((row.version, row.judged), (2, 0));
    let last = page(world, 2, None).await;
    assert!(last.is_some());
    assert_eq!(page(world, 2, last).await, None);
    assert_eq!(offered(world).await.len(), 610);
    assert_eq!(known(world).await.expect("it is known").judged, 2);
    assert!(!seen(world, exclude("blue")).await);
}

pub(super) async fn a_repository_limits_its_claims(world: &World) {
    let capacity = CapacityPolicy {
        per_repo: Some(2),
        ..CapacityPolicy::default()
    };
    let one = RepoPolicy {
        max_claims: Some(1),
        ..RepoPolicy::default()
    };
    for (per_repo, policy, limit) in [
        (None, Some(one.clone()), 1),
        (Some(2), Some(one), 1),
        (
            Some(2),
            Some(RepoPolicy {
                max_claims: Some(3),
                ..RepoPolicy::default()
            }),
            2,
        ),
        (None, None, 6),
    ] {
        let world = &world
            .under(Policy {
                capacity: CapacityPolicy {
                    per_repo,
                    ..capacity
                },
                ..lenient()
            })
            .await;
        world.mirror(API, (1..=6).map(issue)).await;
        world
            .note(record(policy.map_or(SeenPolicy::Gone, good)))
            .await;
        let agents = ["ann", "bob", "cid", "dee", "eve", "fay", "gus"];
        let asked = agents.map(next);
        at_once(&[world], asked).await;
        let mut held = Vec::new();
        for n in 1..=6 {
            held.extend(world.holder(API, n).await);
        }
        assert_eq!(held.len(), limit);
        if limit < 6 {
            assert_eq!(given(world, "hal").await, None);
        }
        for claim in held {
            world.claimed(release(&claim)).await;
        }
    }
}

pub(super) async fn the_longer_cooldown_holds(world: &World) {
    let world = &world.under(policy()).await;
    world.mirror(API, [issue(1)]).await;
    let minutes = |minutes: u32| RepoPolicy {
        cooldown_minutes: Some(minutes),
        ..RepoPolicy::default()
    };
    for (asked, holds) in [(90, 90), (30, 60)] {
        world.poll(API).await;
        take(world, minutes(asked)).await;
        let claim = world.claim("ann", API, 1).await;
        give_back(world, &claim).await;
        world.pass(holds - 1);
        assert_eq!(given(world, "ann").await, None);
        let Outcome::Done(Answer::Hindrances(why)) = world
            .ask(Command::system(Action::AskAgent(agent("ann"))))
            .await
        else {
            panic!("it is told");
        };
        assert_eq!(why.cooling.len(), 1);
        world.pass(1);
        assert_eq!(given(world, "ann").await, Some(1));
        let claim = world.holder(API, 1).await.expect("ann has it");
        give_back(world, &claim).await;
    }
}

pub(super) async fn its_own_words_order_its_issues(world: &World) {
    let labelled = || {
        [
            issue(1).labels(&["p1"]),
            issue(2).labels(&["now"]),
            issue(3).labels(&["p0"]),
        ]
    };
    world.mirror(API, labelled()).await;
    world.mirror(WEB, [issue(9).labels(&["now"])]).await;
    assert_eq!(offered(world).await, [3, 1, 2, 9]);
    let words = RepoPolicy {
        priority: "critical=now;low=p0".to_owned(),
        ..RepoPolicy::default()
    };
    take(world, words).await;
    let rank = async |name: &str, n: i64| world.row(name, n).await.rank;
    assert_eq!(offered(world).await, [2, 1, 9, 3]);
    assert_eq!(rank(API, 2).await, Priority::Critical);
    assert_eq!(rank(API, 3).await, Priority::Low);
    assert_eq!(rank(WEB, 9).await, Priority::Medium);
    world.mirror(API, [issue(4).labels(&["now"])]).await;
    assert_eq!(rank(API, 4).await, Priority::Critical);
    let (claim, _) = world.claimed(next("ann")).await;
    assert_eq!(claim.number.get(), 2);
}

pub(super) async fn its_own_routes_admit_no_others(world: &World) {
    let route = |agents: &[&str]| {
        let web = labels(&["area:web"]);
        Route::new(web, Vec::new(), Vec::new(), labels(agents)).expect("a route")
    };
    let world = &world
        .under(Policy {
            routes: vec![route(&["ann", "bob"])],
            ..lenient()
        })
        .await;
    let web = |n: i64| issue(n).labels(&["area:web"]);
    world.mirror(API, [web(1), web(2)]).await;
    take(
        world,
        RepoPolicy {
            routes: vec![route(&["bob", "cid"])],
            ..RepoPolicy::default()
        },
    )
    .await;
    for (who, wanted) in [("ann", None), ("cid", None), ("bob", Some(1))] {
        assert_eq!(given(world, who).await, wanted, "{who}");
    }
    take(world, RepoPolicy::default()).await;
    assert_eq!(given(world, "ann").await, Some(2));
}
