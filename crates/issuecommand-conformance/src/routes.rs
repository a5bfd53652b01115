//! Which agents an issue is for, and whose turn it is.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::explain::ExplainQuery;
use issuecommand_core::domain::issue::{IssueFacts, IssueFilter, Said};
use issuecommand_core::domain::policy::{Policy, Route};
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::{Clock as _, Millis};
use issuecommand_core::engine::command::{Action, Command, Outcome};
use issuecommand_testkit::builders::{IssueDraft, agent, issue, next_of};

use super::attempts::given;
use super::world::{API, World, claim_of, lenient};

const DAY: i64 = 24 * 60;

fn route(labels: &[&str], types: &[&str], agents: &[&str]) -> Route {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    Route::new(texts(labels), texts(types), Vec::new(), texts(agents)).expect("a route")
}

fn routed() -> Policy {
    Policy {
        routes: vec![
            route(&["Area:Web"], &[], &["claude-*"]),
            route(&["area:api"], &[], &["codex"]),
            route(&[], &["bug"], &["ann"]),
        ],
        ..lenient()
    }
}

fn of_type(n: i64, kind: &str) -> IssueDraft {
    issue(n).more(IssueFacts {
        kind: Said::Is(kind.to_owned()),
        ..IssueFacts::default()
    })
}

fn types(kinds: &str) -> IssueFilter {
    IssueFilter::new(None, None, None).with(None, None, Some(kinds))
}

/// The issue that an agent gets of those that match, if any.
async fn given_of(world: &World, who: &str, filter: IssueFilter) -> Option<i64> {
    match world.ask(next_of(who, filter)).await {
        Outcome::Done(answer) => Some(claim_of(answer).0.number.get()),
        Outcome::Refused(Refusal::NothingEligible) => None,
        other => panic!("{other:?}"),
    }
}

async fn judged_by(world: &World, policy: Policy) -> World {
    let world = world.under(policy).await;
    world.note(Command::system(Action::Rerank(None))).await;
    world
}

/// What is ready for an agent, and what is ready for others alone.
async fn ready_for(world: &World, who: &str, filter: IssueFilter) -> (u64, u64) {
    let query = ExplainQuery::new(filter, Scope::All, Some(agent(who)));
    let explained = world
        .store
        .explain(&query)
        .await
        .expect("issues are counted");
    (explained.ready(), explained.elsewhere())
}

pub(super) async fn an_issue_with_a_route_goes_to_its_agents_alone(world: &World) {
    let world = &world.under(routed()).await;
    let issues = [
        issue(1).labels(&["area:web"]),
        issue(2).labels(&["area:api", "area:web"]),
        of_type(3, "Bug"),
        issue(4),
    ];
    world.mirror(API, issues).await;
    assert_eq!(
        ready_for(world, "claude-1", IssueFilter::default()).await,
        (3, 1)
    );
    assert_eq!(
        ready_for(world, "ann", IssueFilter::default()).await,
        (2, 2)
    );
    // The older issues are for others.
    assert_eq!(given(world, "bob").await, Some(4));
    assert_eq!(given(world, "bob").await, None);
    assert_eq!(given(world, "ann").await, Some(3));
    // An issue that meets two routes is for the agents of both.
    assert_eq!(given(world, "codex").await, Some(2));
    assert_eq!(given(world, "codex").await, None);
    assert_eq!(given(world, "claude-7f3e").await, Some(1));
}

pub(super) async fn the_first_turn_of_all_lanes_is_served(world: &World) {
    let world = &world.under(routed()).await;
    let issues = [
        issue(1).labels(&["priority: low"]),
        issue(2).labels(&["area:web"]),
        issue(3).labels(&["area:web", "priority: critical"]),
        issue(4).labels(&["priority: high"]),
        issue(5).labels(&["area:api", "priority: critical"]),
    ];
    world.mirror(API, issues).await;
    for wanted in [Some(3), Some(4), Some(2), Some(1), None] {
        assert_eq!(given(world, "claude-1").await, wanted);
    }
}

pub(super) async fn a_label_and_a_setting_move_an_issue_to_another_lane(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let routed = &judged_by(world, routed()).await;
    routed
        .mirror(API, [issue(1).labels(&["area:web"]).changed(1)])
        .await;
    assert_eq!(given(routed, "bob").await, Some(2));
    assert_eq!(given(routed, "bob").await, None);
    routed
        .mirror(API, [issue(1).labels(&["area:api"]).changed(2)])
        .await;
    assert_eq!(given(routed, "claude-1").await, None);
    let plain = &judged_by(world, lenient()).await;
    assert_eq!(given(plain, "claude-1").await, Some(1));
}

pub(super) async fn what_waits_longer_overtakes_a_better_priority(world: &World) {
    world
        .mirror(API, [issue(1).labels(&["priority: low"])])
        .await;
    let high = |n: i64| {
        issue(n)
            .labels(&["priority: high"])
            .opened(world.clock.now())
    };
    world.pass(27 * DAY);
    world.mirror(API, [high(2)]).await;
    // It is two priorities lower, and has waited a day too short.
    assert_eq!(given(world, "ann").await, Some(2));
    world.pass(2 * DAY);
    world.mirror(API, [high(3)]).await;
    assert_eq!(given(world, "ann").await, Some(1));
    assert_eq!(given(world, "ann").await, Some(3));
}

pub(super) async fn what_had_piled_up_is_served_by_priority(world: &World) {
    let begun = world.clock.now();
    let old = |n: i64, days: i64, label: &str| {
        issue(n)
            .labels(&[label])
            .opened(begun.minus(Millis::minutes(days * DAY)))
    };
    let issues = [
        old(1, 900, "priority: low"),
        old(2, 10, "priority: critical"),
        old(3, 400, "priority: high"),
        old(4, 500, "priority: high"),
    ];
    world.mirror(API, issues).await;
    for wanted in [2, 4, 3, 1] {
        assert_eq!(given(world, "ann").await, Some(wanted));
    }
}

pub(super) async fn without_aging_priorities_alone_count(world: &World) {
    let policy = Policy {
        aging: None,
        ..lenient()
    };
    let world = &world.under(policy).await;
    world
        .mirror(API, [issue(1).labels(&["priority: low"])])
        .await;
    world.pass(900 * DAY);
    let new = issue(2)
        .labels(&["priority: medium"])
        .opened(world.clock.now());
    world.mirror(API, [new]).await;
    assert_eq!(given(world, "ann").await, Some(2));
    assert_eq!(given(world, "ann").await, Some(1));
}

pub(super) async fn the_older_of_one_priority_comes_first_wherever_it_is(world: &World) {
    world
        .mirror(API, [issue(2), issue(4).labels(&["priority: high"])])
        .await;
    world.pass(90 * DAY);
    world.mirror("acme/web", [issue(1), issue(3)]).await;
    for wanted in [4, 1, 2, 3] {
        assert_eq!(given(world, "ann").await, Some(wanted));
    }
}

pub(super) async fn an_agent_asks_for_types(world: &World) {
    world
        .mirror(
            API,
            [
                of_type(1, "Task"),
                of_type(2, "Bug"),
                issue(3),
                of_type(4, "Bug"),
            ],
        )
        .await;
    assert_eq!(ready_for(world, "ann", types("bug")).await, (2, 0));
    assert_eq!(ready_for(world, "ann", types("feature")).await, (0, 0));
    let none = IssueFilter::new(None, None, None).with(None, Some("x"), Some("bug,task"));
    assert_eq!(ready_for(world, "ann", none).await, (3, 0));
    assert_eq!(given_of(world, "ann", types("feature")).await, None);
    assert_eq!(given_of(world, "ann", types("Bug, Feature")).await, Some(2));
    assert_eq!(given_of(world, "ann", types("bug")).await, Some(4));
    assert_eq!(given_of(world, "ann", types("bug")).await, None);
    // A type that is taken away counts no more.
    let untyped = issue(1).more(IssueFacts {
        kind: Said::Nothing,
        ..IssueFacts::default()
    });
    world.mirror(API, [untyped.changed(1)]).await;
    assert_eq!(given_of(world, "ann", types("task")).await, None);
    assert_eq!(given(world, "ann").await, Some(1));
}

pub(super) async fn a_batch_serves_agents_of_several_lanes(world: &World) {
    let world = &world.under(routed()).await;
    let web = (1..=20).map(|n| issue(n).labels(&["area:web"]));
    let api = (21..=40).map(|n| issue(n).labels(&["area:api"]));
    let free = (41..=60).map(issue);
    world.mirror(API, web.chain(api).chain(free)).await;
    let agents = (0..80).map(|n| match n % 4 {
        0 | 1 => format!("claude-{n}"),
        2 => "codex".to_owned(),
        _ => format!("other-{n}"),
    });
    let agents: Vec<String> = agents.collect();
    let asked = agents.iter().map(|who| given(world, who));
    let given = futures_util::future::join_all(asked).await;
    let mut seen: Vec<i64> = Vec::new();
    for (who, n) in agents.iter().zip(given) {
        let Some(n) = n else { continue };
        let lane = match n {
            1..=20 => who.starts_with("claude-"),
            21..=40 => who == "codex",
            _ => true,
        };
        assert!(lane, "{who} got {n}");
        seen.push(n);
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count);
    // Forty of claude-*, twenty of codex, and twenty others ask: all of it is given.
    assert_eq!(count, 60);
}
