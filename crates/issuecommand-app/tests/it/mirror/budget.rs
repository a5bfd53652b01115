//! GitHub's hourly rate limit is shared: no reader uses all of it.

use std::collections::BTreeSet;

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::failure::{Failure, GithubErrorKind};
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::service::{IssueDetails, ServiceError, ServiceResult};

use crate::world::{API, Setup, github_with, named};

async fn details(setup: &Setup, who: &Principal, n: i64) -> ServiceResult<IssueDetails> {
    let (caller, (name, number)) = (Caller::full(who.clone()), named(API, n));
    setup.service.issue_details(&caller, &name, number).await
}

/// The number of comments that were read.
fn comments(details: &IssueDetails) -> usize {
    details.comments.as_ref().unwrap().comments.len()
}

fn key(name: &str) -> Principal {
    Principal::Key(name.to_owned())
}

/// Sets the hourly rate limit.
fn limit(setup: &Setup, requests: u32) {
    setup
        .github
        .world(|world| world.set_rate_limit(requests.into()));
}

async fn left(setup: &Setup) -> i64 {
    let measures = setup.service.measures().await.unwrap();
    measures.budget.remaining.unwrap_or_default()
}

#[tokio::test]
async fn details_are_asked_for_once_a_minute_and_then_conditionally() {
    let setup = Setup::synced(github_with(2)).await;
    let who = Principal::Local;
    setup.github.world(|world| world.comment(API, 1, "First"));
    setup.github.forget_requests();
    for _ in 0..50 {
        let told = details(&setup, &who, 1).await.unwrap();
        assert_eq!((comments(&told), told.warnings.len()), (1, 0));
    }
    assert_eq!(setup.github.requests().len(), 2);
    let before = left(&setup).await;
    for _ in 0..3 {
        setup.pass(Millis::seconds(61));
        let told = details(&setup, &who, 1).await.unwrap();
        assert_eq!(comments(&told), 1);
    }
    let free: BTreeSet<Option<u16>> = (setup.github.requests()[2..].iter())
        .map(|request| request.status)
        .collect();
    assert_eq!(free, BTreeSet::from([Some(304)]));
    assert_eq!(left(&setup).await, before);
    setup.github.world(|world| world.comment(API, 1, "Second"));
    setup.pass(Millis::seconds(61));
    let told = details(&setup, &who, 1).await.unwrap();
    assert_eq!(comments(&told), 2);
    // A missing issue is requested only once as well.
    setup.github.forget_requests();
    for _ in 0..20 {
        let no = details(&setup, &who, 77).await.unwrap_err();
        assert!(
            matches!(no, ServiceError::Failed(Failure::IssueNotFound { .. })),
            "{no:?}"
        );
    }
    assert_eq!(setup.github.requests().len(), 1);
}

#[tokio::test]
async fn prove_one_caller_takes_no_more_than_its_share() {
    let setup = Setup::synced(github_with(300)).await;
    limit(&setup, 400);
    details(&setup, &key("first"), 300).await.unwrap();
    let began = left(&setup).await;
    let mut warned = 0;
    for n in 1..=299 {
        let told = details(&setup, &key("greedy"), n).await.unwrap();
        assert_eq!(told.issue.facts.title, format!("Issue {n}"));
        for warning in &told.warnings {
            assert!(warning.contains("its comments were not read"), "{warning}");
        }
        warned += told.warnings.len();
    }
    let spent = began - left(&setup).await;
    assert!((90..=began / 4).contains(&spent), "{spent} of {began}");
    assert!(warned > 200, "{warned}");
    // Others can read until a fifth is left.
    assert_eq!(
        details(&setup, &key("modest"), 1).await.unwrap().warnings,
        [""; 0]
    );
    for who in 0..60 {
        for n in who * 5..who * 5 + 5 {
            let who = key(&who.to_string());
            let _ = details(&setup, &who, n % 299 + 1).await.unwrap();
        }
        setup.pass(Millis::seconds(1));
    }
    assert!(
        (80..90).contains(&left(&setup).await),
        "{}",
        left(&setup).await
    );
    // An unknown name or number costs as much.
    for n in 1000..1040 {
        let no = details(&setup, &key("late"), n).await.unwrap_err();
        let ServiceError::Failed(Failure::Github(error)) = no else {
            panic!("{no:?}")
        };
        assert_eq!(error.kind, GithubErrorKind::Limited);
        assert!(error.retry_after.is_some());
    }
    assert!((80..90).contains(&left(&setup).await));
    // Claims and the sync continue.
    setup.pass(Millis::minutes(2));
    for n in 1..=5 {
        setup.claim("ann", API, n).await.unwrap();
    }
    assert_eq!(setup.sync().await.failed, []);
    // The next hour has a new limit.
    setup.pass(Millis::minutes(61));
    limit(&setup, 400);
    let told = details(&setup, &key("greedy"), 299).await.unwrap();
    assert_eq!(told.warnings, [""; 0]);
}
