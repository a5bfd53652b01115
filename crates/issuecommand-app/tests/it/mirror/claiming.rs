//! Claiming by number fetches that one issue if its evidence is old, and not otherwise.

use issuecommand_core::domain::refusal::{Refusal, Unclaimable};
use issuecommand_core::domain::time::Millis;
use issuecommand_core::engine::command::{Action, Command};
use issuecommand_core::service::ServiceError;
use issuecommand_github_emulator::{Fault, NewIssue, NewPull};
use serde_json::json;

use crate::world::{API, Http, Setup, caller, github_with};

const ISSUES: &str = "GET /repos/acme/api/issues/*";

#[tokio::test(flavor = "multi_thread")]
async fn recent_evidence_suffices_and_old_evidence_is_refetched() {
    let setup = Setup::synced(github_with(5)).await;
    setup.pass(Millis::seconds(60));
    setup.github.world(|world| world.close_issue(API, 2));
    setup.github.forget_requests();
    setup.claim("ann", API, 1).await.unwrap();
    assert_eq!(setup.asked("/**"), [""; 0], "a minute is not old");

    setup.pass(Millis(1));
    let no = setup.claim("ann", API, 2).await.unwrap_err();
    let ServiceError::Refused(refusal) = no else {
        panic!("{no:?}")
    };
    let Refusal::InvalidIssue { why, .. } = *refusal else {
        panic!("{refusal:?}")
    };
    assert_eq!(why, Unclaimable::Closed);
    setup.claim("ann", API, 3).await.unwrap();
    assert_eq!(setup.asked(ISSUES).len(), 2, "each fetched once");
    assert_eq!(setup.asked("/**").len(), 2, "and nothing else");
    assert_eq!(setup.offered(API).await, [4, 5]);

    // The refusals of held issues need no request.
    setup.pass(Millis::minutes(30));
    setup.github.forget_requests();
    assert!(setup.claim("ann", API, 3).await.unwrap().idempotent);
    setup.claim("bob", API, 3).await.unwrap_err();
    assert_eq!(setup.asked("/**"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_issue_is_rechecked_with_a_conditional_request() {
    let setup = Setup::synced(github_with(2)).await;
    setup.pass(Millis::minutes(2));
    let claim = setup.claim("ann", API, 1).await.unwrap().claim;
    let release = Action::ReleaseClaim {
        claim: claim.id,
        agent: claim.agent,
        reason: None,
        outcome: None,
    };
    setup
        .store
        .transact(Command::new(&caller(), release))
        .await
        .unwrap();
    setup.pass(Millis::minutes(2));
    setup.claim("bob", API, 1).await.unwrap();
    let issue = "GET /repos/acme/api/issues/1";
    assert_eq!(
        setup.asked(ISSUES),
        [format!("{issue} 200"), format!("{issue} 304")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_issue_is_fetched() {
    let setup = Setup::synced(github_with(2)).await;
    setup.github.world(|world| {
        world.open_issue(API, "Opened a moment ago");
        world.open_pull(
            API,
            NewPull::from_branch("b", NewIssue::titled("A pull request")),
        );
    });
    assert_eq!(
        setup.claim("ann", API, 3).await.unwrap().claim.title,
        "Opened a moment ago"
    );
    let no = setup.claim("ann", API, 4).await.unwrap_err();
    let ServiceError::Refused(refusal) = no else {
        panic!("{no:?}")
    };
    assert!(matches!(
        *refusal,
        Refusal::InvalidIssue {
            why: Unclaimable::PullRequest,
            ..
        }
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn during_an_outage_known_open_issues_can_be_claimed() {
    let setup = Setup::synced(github_with(3)).await;
    let http = Http::serving(&setup).await;
    let claim = |n: i64| json!({ "agent_id": "ann", "repo": API, "issue_number": n });
    setup.pass(Millis::minutes(5));
    setup.github.fault("/**", Fault::status(503));
    assert_eq!(
        http.json("POST", "/api/claims", &claim(1)).await.status,
        200
    );
    let reply = http.json("POST", "/api/claims", &claim(4)).await;
    assert_eq!(
        (reply.status, reply.body["error"].as_str()),
        (503, Some("github_unavailable"))
    );
    assert_eq!(reply.body["ok"], false);
    assert!(reply.retry_after >= Some(1), "{reply:?}");
    let unknown = json!({ "agent_id": "ann", "repo": "acme/unheard-of", "issue_number": 1 });
    assert_eq!(http.json("POST", "/api/claims", &unknown).await.status, 503);
    assert_eq!(
        http.json("POST", "/api/next", &json!({ "agent_id": "ann" }))
            .await
            .status,
        200
    );
    assert_eq!(setup.dump().await.rows("claim"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_is_reported_with_githubs_wait() {
    let setup = Setup::synced(github_with(3)).await;
    let http = Http::serving(&setup).await;
    setup.pass(Millis::minutes(5));
    setup
        .github
        .fault("/**", Fault::secondary_limit(429, Some(90)));
    let claim = json!({ "agent_id": "ann", "repo": API, "issue_number": 9 });
    let reply = http.json("POST", "/api/claims", &claim).await;
    assert_eq!(
        (reply.status, &reply.body["retry_after_seconds"]),
        (503, &json!(90))
    );
    let asked = setup.asked("/**").len();
    http.json("POST", "/api/claims", &claim).await;
    assert_eq!(
        setup.asked("/**").len(),
        asked,
        "GitHub is left alone meanwhile"
    );
}
