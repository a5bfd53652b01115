//! Read-only queries.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::ports::store::{ClaimFilter, HistoryCursor, HistoryQuery, StoreHealth};
use issuecommand_testkit::builders::{agent, issue, release, repo};

use super::world::{API, World};

const WEB: &str = "acme/web";

fn only(repos: &[&str]) -> Scope {
    Scope::Only(repos.iter().copied().map(repo).collect())
}

/// `ann` and `bob` hold issues of two repositories, some in progress, one minute apart.
async fn staffed(world: &World) {
    world.mirror(API, (1..=4).map(issue)).await;
    world.mirror(WEB, (11..=14).map(issue)).await;
    for (who, name, n, begun) in [
        ("ann", API, 4, false),
        ("ann", WEB, 11, true),
        ("bob", API, 2, true),
        ("bob", WEB, 12, false),
        ("Ann", API, 1, false),
    ] {
        let claim = world.claim(who, name, n).await;
        if begun {
            world.moved(&claim, ClaimStatus::InProgress).await;
        }
        world.pass(1);
        world.poll(API).await;
        world.poll(WEB).await;
    }
}

pub(super) async fn active_claims_by_every_filter(world: &World) {
    staffed(world).await;
    let none = ClaimFilter::default;
    let (of_ann, in_api) = (Some(agent("ann")), Some(repo("ACME/api")));
    let begun = Some(ClaimStatus::InProgress);
    for (filter, expected) in [
        (none(), vec![4, 11, 2, 12, 1]),
        (
            ClaimFilter {
                agent: of_ann.clone(),
                ..none()
            },
            vec![4, 11],
        ),
        (
            ClaimFilter {
                agent: Some(agent("nobody")),
                ..none()
            },
            vec![],
        ),
        (
            ClaimFilter {
                repo: in_api.clone(),
                ..none()
            },
            vec![4, 2, 1],
        ),
        (
            ClaimFilter {
                repo: Some(repo("acme/none")),
                ..none()
            },
            vec![],
        ),
        (
            ClaimFilter {
                status: begun,
                ..none()
            },
            vec![11, 2],
        ),
        (
            ClaimFilter {
                status: Some(ClaimStatus::Released),
                ..none()
            },
            vec![],
        ),
        (
            ClaimFilter {
                scope: only(&[WEB]),
                ..none()
            },
            vec![11, 12],
        ),
        (
            ClaimFilter {
                scope: only(&[]),
                ..none()
            },
            vec![],
        ),
        (
            ClaimFilter {
                scope: only(&["ACME/Web", API]),
                status: begun,
                ..none()
            },
            vec![11, 2],
        ),
        (
            ClaimFilter {
                agent: of_ann,
                repo: in_api,
                status: begun,
                scope: Scope::All,
                limit: None,
            },
            vec![],
        ),
        (
            ClaimFilter {
                limit: Some(2),
                scope: only(&[API]),
                ..none()
            },
            vec![4, 2],
        ),
    ] {
        let claims = world.claims(&filter).await;
        let numbers: Vec<i64> = claims.iter().map(|claim| claim.number.get()).collect();
        assert_eq!(numbers, expected, "{filter:?}");
    }
}

pub(super) async fn claims_of_one_moment_go_by_id(world: &World) {
    world.mirror(API, (1..=20).map(issue)).await;
    for n in 1..=20 {
        world.claim("ann", API, n).await;
    }
    let ids: Vec<String> = world
        .claims(&ClaimFilter::default())
        .await
        .iter()
        .map(|claim| claim.id.to_string())
        .collect();
    assert!(ids.is_sorted(), "{ids:?}");
    assert_eq!(ids.len(), 20);
}

/// Ends 25 claims at 4 moments, by two agents in two repositories.
async fn finished(world: &World) -> Vec<Claim> {
    world.mirror(API, (1..=25).map(issue)).await;
    world.mirror(WEB, (1..=25).map(issue)).await;
    let mut claims = Vec::new();
    for n in 1..=25 {
        let who = if n % 3 == 0 { "bob" } else { "ann" };
        claims.push(
            world
                .claim(who, if n % 5 == 0 { WEB } else { API }, n)
                .await,
        );
    }
    let mut ended = Vec::new();
    for (n, claim) in claims.iter().enumerate() {
        if n % 7 == 0 {
            world.pass(1);
        }
        ended.push(world.claimed(release(claim)).await.0);
    }
    ended.sort_by_key(|claim| std::cmp::Reverse((claim.last_updated, claim.id.to_string())));
    ended
}

pub(super) async fn ended_claims_page_by_page(world: &World) {
    let ended = finished(world).await;
    for limit in [1, 2, 4, 7, 24, 25, 26, 200] {
        let mut query = HistoryQuery {
            limit,
            ..HistoryQuery::default()
        };
        let mut read = Vec::new();
        loop {
            let page = world.history(&query).await;
            assert!(page.len() <= limit as usize);
            let Some(last) = page.last() else { break };
            query.after = Some(HistoryCursor {
                ended: last.last_updated,
                claim: last.id.to_string(),
            });
            read.extend(page);
        }
        assert_eq!(read, ended, "{limit} a page");
    }
}

/// A filter of claims.
type Rule<'a> = &'a dyn Fn(&Claim) -> bool;

pub(super) async fn ended_claims_by_every_filter(world: &World) {
    let ended = finished(world).await;
    let none = || HistoryQuery {
        limit: 100,
        ..HistoryQuery::default()
    };
    let ann = |claim: &Claim| claim.agent == agent("ann");
    let web = |claim: &Claim| claim.repo_name == repo(WEB);
    let both = |claim: &Claim| ann(claim) && web(claim);
    let cases: [(HistoryQuery, Rule<'_>); 7] = [
        (none(), &|_| true),
        (
            HistoryQuery {
                agent: Some(agent("ann")),
                ..none()
            },
            &ann,
        ),
        (
            HistoryQuery {
                agent: Some(agent("ANN")),
                ..none()
            },
            &|_| false,
        ),
        (
            HistoryQuery {
                repo: Some(repo("Acme/Web")),
                ..none()
            },
            &web,
        ),
        (
            HistoryQuery {
                scope: only(&[WEB]),
                ..none()
            },
            &web,
        ),
        (
            HistoryQuery {
                repo: Some(repo(WEB)),
                agent: Some(agent("ann")),
                ..none()
            },
            &both,
        ),
        (
            HistoryQuery {
                repo: Some(repo("acme/none")),
                ..none()
            },
            &|_| false,
        ),
    ];
    for (query, rule) in cases {
        let expected: Vec<Claim> = ended.iter().filter(|claim| rule(claim)).cloned().collect();
        assert_eq!(world.history(&query).await, expected, "{query:?}");
        // A cursor is a position in all rows, independent of the filter.
        let after = HistoryCursor {
            ended: ended[9].last_updated,
            claim: ended[9].id.to_string(),
        };
        let query = HistoryQuery {
            after: Some(after),
            limit: 3,
            ..query
        };
        let rest = ended[10..].iter().filter(|claim| rule(claim));
        let expected: Vec<Claim> = rest.take(3).cloned().collect();
        assert_eq!(world.history(&query).await, expected, "{query:?}");
    }
}

pub(super) async fn active_and_ended_are_never_mixed(world: &World) {
    world.mirror(API, (1..=3).map(issue)).await;
    let first = world.claim("ann", API, 1).await;
    let second = world.claim("ann", API, 2).await;
    let (gone, _) = world.claimed(release(&first)).await;
    assert_eq!(world.claims(&ClaimFilter::default()).await, [second]);
    assert_eq!(world.ended().await, [gone]);
}

pub(super) async fn health_counts_the_whole(world: &World) {
    assert_eq!(world.health().await, StoreHealth::default());
    staffed(world).await;
    let claims = world.claims(&ClaimFilter::default()).await;
    world.moved(&claims[0], ClaimStatus::Stale).await;
    world.note(release(&claims[2])).await;
    let expected = StoreHealth {
        total_claims: 5,
        active_claims: 4,
        active_agents: 3,
        stale_claims: 1,
        ..StoreHealth::default()
    };
    assert_eq!(world.health().await, expected);
}
