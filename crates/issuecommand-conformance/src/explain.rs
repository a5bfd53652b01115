//! How many open issues there are, and why not all are handed out: each counts once, by its first reason.

use std::collections::BTreeMap;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::explain::{ExplainQuery, Explained};
use issuecommand_core::domain::issue::{IssueFilter, IssueLookup, WithheldReason};
use issuecommand_core::domain::policy::{CapacityPolicy, Policy};
use issuecommand_core::domain::readiness::{NotReady, ReasonCode};
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::{Clock as _, Millis};
use issuecommand_core::engine::command::{Action, Answer, Command};
use issuecommand_testkit::builders::{
    agent, facts, issue, mark_repo_unavailable, number, record_issue, release, repo,
};

use super::world::{API, World};

const WEB: &str = "acme/web";

async fn explain(world: &World, query: &ExplainQuery) -> Explained {
    let explained = world.store.explain(query).await;
    explained.expect("issues are counted")
}

fn of(filter: IssueFilter) -> ExplainQuery {
    ExplainQuery::new(filter, Scope::All, None)
}

async fn all(world: &World) -> Explained {
    explain(world, &of(IssueFilter::default())).await
}

fn in_repo(name: &str) -> IssueFilter {
    IssueFilter {
        repo: Some(repo(name)),
        ..IssueFilter::default()
    }
}

fn labelled(labels: &str) -> IssueFilter {
    IssueFilter::new(None, Some(labels), None)
}

/// What is ready, and the counts of the reasons.
fn sums(explained: &Explained) -> (u64, Vec<(ReasonCode, u64)>) {
    let reasons = explained.reasons().into_iter().collect();
    (explained.ready(), reasons)
}

/// The number of the oldest issue of a reason.
async fn oldest(world: &World, explained: &Explained, code: ReasonCode) -> Option<(String, i64)> {
    let (id, number) = explained.oldest.get(&code)?;
    let repos = world.store.repos().await.expect("repositories are read");
    let of_it = repos.iter().find(|count| count.repo.id == *id)?;
    Some((of_it.repo.facts.name.to_string(), number.get()))
}

/// Two repositories with issues that are ready, held, withheld, assigned, and with labels.
async fn mixed(world: &World) {
    let api = [
        issue(1).labels(&["bug"]),
        issue(2).assignees(&["kim"]).labels(&["no-agent"]),
        issue(3).assignees(&["kim"]).labels(&["bug"]),
        issue(4).labels(&["no-agent", "bug"]),
        issue(5).assignees(&["kim"]),
        issue(6).labels(&["bug"]),
    ];
    world.mirror(API, api).await;
    let web = [issue(1), issue(2).labels(&["no-agent"]), issue(3)];
    world.mirror(WEB, web).await;
    world.claim("ann", API, 1).await;
    world.claim("ann", API, 5).await;
    let gone = IssueLookup::Withheld(WithheldReason::NotFound);
    world.note(record_issue(API, 4, gone)).await;
}

pub(super) async fn each_counts_once_by_its_first(world: &World) {
    assert_eq!(all(world).await, Explained::default());
    mixed(world).await;
    let explained = all(world).await;
    let reasons = vec![
        (ReasonCode::Held, 2),
        (ReasonCode::Withheld, 1),
        (ReasonCode::Assigned, 2),
        (ReasonCode::ExcludedLabel, 1),
    ];
    assert_eq!(sums(&explained), (3, reasons));
    assert_eq!(explained.considered(), 9);
    assert_eq!(explained.elsewhere(), 0);
    assert!(!explained.approximate);
}

pub(super) async fn sums_are_the_mirror(world: &World) {
    mixed(world).await;
    let claim = world.holder(API, 5).await.expect("it is held");
    world.note(release(&claim)).await;
    assert_eq!(
        all(world).await.reasons().get(&ReasonCode::Assigned),
        Some(&3),
        "a released issue counts by its own reason again"
    );
    world.mirror(API, [issue(2).closed().changed(9)]).await;
    world
        .mirror(API, [issue(6).assignees(&["kim"]).changed(9)])
        .await;
    let reasons = vec![
        (ReasonCode::Held, 1),
        (ReasonCode::Withheld, 1),
        (ReasonCode::Assigned, 3),
        (ReasonCode::ExcludedLabel, 1),
    ];
    assert_eq!(sums(&all(world).await), (2, reasons));
    world.note(mark_repo_unavailable(WEB)).await;
    let explained = all(world).await;
    let reasons = vec![
        (ReasonCode::RepoNotOffered, 3),
        (ReasonCode::Held, 1),
        (ReasonCode::Withheld, 1),
        (ReasonCode::Assigned, 3),
    ];
    assert_eq!(sums(&explained), (0, reasons));
    assert_eq!(
        oldest(world, &explained, ReasonCode::RepoNotOffered).await,
        Some((WEB.to_owned(), 1))
    );
    world.mirror_as(&facts(WEB), [issue(1)]).await;
    assert_eq!(all(world).await.ready(), 2);
}

pub(super) async fn the_oldest_of_each(world: &World) {
    mixed(world).await;
    let explained = all(world).await;
    for (code, name, n) in [
        (ReasonCode::Held, API, 1),
        (ReasonCode::Withheld, API, 4),
        (ReasonCode::Assigned, API, 2),
        (ReasonCode::ExcludedLabel, WEB, 2),
    ] {
        let found = oldest(world, &explained, code).await;
        assert_eq!(found, Some((name.to_owned(), n)), "{code}");
    }
    assert_eq!(explained.oldest.len(), 4);
    // A held issue counts as held alone, so that the next one is the oldest that is assigned.
    world.claim("bob", API, 2).await;
    let explained = all(world).await;
    let found = oldest(world, &explained, ReasonCode::Assigned).await;
    assert_eq!(found, Some((API.to_owned(), 3)));
}

pub(super) async fn scope_confines_it(world: &World) {
    mixed(world).await;
    let web = Scope::Only([repo(WEB)].into());
    let query = ExplainQuery::new(IssueFilter::default(), web.clone(), None);
    let reasons = vec![(ReasonCode::ExcludedLabel, 1)];
    assert_eq!(sums(&explain(world, &query).await), (2, reasons.clone()));
    let explained = explain(world, &of(in_repo(WEB))).await;
    assert_eq!(sums(&explained), (2, reasons));
    let outside = ExplainQuery::new(in_repo(API), web, None);
    assert_eq!(explain(world, &outside).await, Explained::default());
    let unknown = of(in_repo("acme/none"));
    assert_eq!(explain(world, &unknown).await, Explained::default());
    let nowhere = ExplainQuery::new(IssueFilter::default(), Scope::Only([].into()), None);
    assert_eq!(explain(world, &nowhere).await, Explained::default());
}

pub(super) async fn filters_count_what_they_match(world: &World) {
    mixed(world).await;
    let bugs = explain(world, &of(labelled("Bug"))).await;
    let reasons = vec![
        (ReasonCode::Held, 1),
        (ReasonCode::Withheld, 1),
        (ReasonCode::Assigned, 1),
    ];
    assert_eq!(sums(&bugs), (1, reasons));
    assert_eq!(
        oldest(world, &bugs, ReasonCode::Assigned).await,
        Some((API.to_owned(), 3))
    );
    let both = explain(world, &of(labelled("bug,no-agent"))).await;
    assert_eq!(sums(&both), (0, vec![(ReasonCode::Withheld, 1)]));
    let elsewhere = IssueFilter {
        repo: Some(repo(WEB)),
        ..labelled("bug")
    };
    assert_eq!(explain(world, &of(elsewhere)).await, Explained::default());
    // Beyond the limit the lowest keys count, and the answer says so.
    let few = ExplainQuery {
        most: 3,
        ..of(labelled("bug"))
    };
    let counted = explain(world, &few).await;
    assert!(counted.approximate);
    assert_eq!(counted.considered(), 3);
    let enough = ExplainQuery {
        most: 4,
        ..of(labelled("bug"))
    };
    assert_eq!(explain(world, &enough).await, bugs);
}

pub(super) async fn what_keeps_an_agent_is_told(world: &World) {
    let world = &world
        .under(Policy {
            capacity: CapacityPolicy {
                per_agent: Some(2),
                per_repo: Some(1),
                ..CapacityPolicy::default()
            },
            ..Policy::default()
        })
        .await;
    world.mirror(API, [issue(1), issue(2)]).await;
    world.mirror(WEB, [issue(1), issue(2)]).await;
    let asked = Command::system(Action::AskAgent(agent("ann")));
    let free = Answer::Hindrances(Box::default());
    assert_eq!(world.note(asked.clone()).await, free);
    let claim = world.claim("ann", API, 1).await;
    world.note(release(&claim)).await;
    let ends = world.clock.now().plus(Millis::minutes(60));
    world.claim("ann", WEB, 1).await;
    let Answer::Hindrances(found) = world.note(asked.clone()).await else {
        panic!("it is told");
    };
    let web = world.repo(WEB).await.expect("it is known").id;
    assert_eq!(found.cooling, [(claim.key(), ends)]);
    assert_eq!((found.full, found.refusal), (vec![web], None));
    world.claim("ann", WEB, 2).await;
    world.clock.set(ends);
    let Answer::Hindrances(found) = world.note(asked).await else {
        panic!("it is told");
    };
    assert_eq!(found.cooling, [], "the cool-down is over");
    let full = Refusal::AtCapacity { held: 2, limit: 2 };
    assert_eq!(found.refusal, Some(full));
}

pub(super) async fn it_equals_the_readiness_of_each_issue(world: &World) {
    mixed(world).await;
    world.note(mark_repo_unavailable(WEB)).await;
    let mut counts: BTreeMap<ReasonCode, u64> = BTreeMap::new();
    let mut ready = 0;
    for (name, most) in [(API, 6), (WEB, 3)] {
        for n in 1..=most {
            let action = Action::AskReadiness {
                repo: repo(name),
                number: number(n),
            };
            let Answer::Readiness { reasons, .. } = world.note(Command::system(action)).await
            else {
                panic!("{name}#{n} is known");
            };
            match reasons.first().map(NotReady::code) {
                Some(code) => *counts.entry(code).or_default() += 1,
                None => ready += 1,
            }
        }
    }
    let explained = all(world).await;
    assert_eq!((explained.ready(), explained.reasons()), (ready, counts));
    let ann = ExplainQuery::new(IssueFilter::default(), Scope::All, Some(agent("ann")));
    assert_eq!(explain(world, &ann).await, explained, "all are for anybody");
}
