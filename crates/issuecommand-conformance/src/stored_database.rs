//! A database of schema version 13, with the same world on each backend, can be read and used. Its SQL is beside the tests of
//! the backend.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "it fails a test where something is missing"
)]

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::{FollowupStatus, Resolution};
use issuecommand_core::domain::id::RepoId;
use issuecommand_core::domain::outbox::Write;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::command::{Answer, Outcome};
use issuecommand_core::ports::store::{ClaimFilter, FollowupFilter, HistoryQuery, Store};
use issuecommand_testkit::builders::{agent, failure, number, release, repo, settle_with};

/// The time of its last write.
pub const WRITTEN: Timestamp = Timestamp(1_795_964_300_000);

/// Reads everything in the database, and works on it.
pub async fn check(store: &dyn Store) {
    claims(store).await;
    followups(store).await;
    let keys = store.keys().await.unwrap();
    let keys: Vec<_> = keys
        .iter()
        .map(|key| (key.name.as_str(), key.revoked_at.is_some(), &key.scope))
        .collect();
    let only = Scope::Only([repo("acme/api")].into());
    assert_eq!(keys, [("ci", false, &only), ("old", true, &Scope::All)]);
    let due = store.due_outbox(WRITTEN, 10).await.unwrap();
    let [entry] = &due[..] else { panic!("{due:?}") };
    let close = Write::CloseIssue {
        repo: repo("acme/api"),
        number: number(8),
    };
    assert_eq!((&entry.write, entry.repo), (&close, Some(RepoId(1))));
    assert_eq!((entry.claim.is_some(), &entry.coalesce_key), (true, &None));
    let events = store.events_after(0, 100).await.unwrap();
    assert_eq!(events.len(), 56);
    assert_eq!(store.linked_pulls().await.unwrap().len(), 1);
    let issues = store.open_rows(&repo("acme/api")).await.unwrap();
    assert_eq!(issues.len(), 11);

    let claims = store.claims(&ClaimFilter::default()).await.unwrap();
    let of_a2 = claims.iter().find(|claim| claim.agent == agent("a2"));
    let outcome = store.transact(release(of_a2.unwrap())).await.unwrap();
    let Outcome::Done(Answer::Claim { claim, .. }) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(claim.status, ClaimStatus::Released);
    let last = events.last().unwrap().seq;
    assert_eq!(store.events_after(last, 100).await.unwrap().len(), 1);
}

/// A write of the outbox that no claim caused.
pub async fn check_without_claim(store: &dyn Store) {
    let due = store.due_outbox(WRITTEN, 10).await.unwrap();
    let [entry] = &due[..] else { panic!("{due:?}") };
    assert_eq!((entry.claim, entry.repo), (None, Some(RepoId(1))));
    for (name, count) in [("acme/api", 1), ("acme/web", 0)] {
        let health = store.health(&Scope::Only([repo(name)].into())).await;
        assert_eq!(health.unwrap().outbox, count, "{name}");
    }
    let events = store.events_after(0, 100).await.unwrap().len();
    for failure in [Some(failure("no", Some(403))), None] {
        store.transact(settle_with(entry, failure)).await.unwrap();
        assert_eq!(store.due_outbox(WRITTEN, 10).await.unwrap(), []);
        assert_eq!(store.health(&Scope::All).await.unwrap().outbox, 0);
    }
    let after = store.events_after(0, 100).await.unwrap().len();
    assert_eq!(after, events, "there is no claim to tell of");
}

async fn claims(store: &dyn Store) {
    let claims = store.claims(&ClaimFilter::default()).await.unwrap();
    let mut shown: Vec<_> = claims
        .iter()
        .map(|claim| (claim.agent.as_str(), claim.status))
        .collect();
    shown.sort_unstable();
    assert_eq!(
        shown,
        [
            ("a1", ClaimStatus::PrSubmitted),
            ("a2", ClaimStatus::Stale),
            ("a6", ClaimStatus::Stale),
            ("a9", ClaimStatus::Stale)
        ]
    );
    let query = HistoryQuery {
        agent: None,
        repo: None,
        status: None,
        scope: Scope::All,
        limit: 10,
        after: None,
    };
    let ended = store.history(&query).await.unwrap();
    let mut ended: Vec<_> = ended
        .iter()
        .map(|claim| (claim.agent.as_str(), claim.status, claim.history.len()))
        .collect();
    ended.sort_unstable();
    assert_eq!(
        ended,
        [
            ("a3", ClaimStatus::Closed, 4),
            ("a4", ClaimStatus::Released, 2),
            ("a8", ClaimStatus::Closed, 5)
        ]
    );
}

async fn followups(store: &dyn Store) {
    let open = store.followups(&FollowupFilter::default()).await.unwrap();
    let [item] = &open[..] else {
        panic!("{open:?}")
    };
    assert_eq!(item.status, FollowupStatus::Claimed);
    assert_eq!(item.owner, Some(agent("a1")));
    let texts: Vec<_> = item.sources.iter().map(|source| &*source.body).collect();
    assert_eq!(texts, ["Change this #1", "lines five to nine", "and this"]);
    for (status, ending) in [
        (FollowupStatus::Done, Resolution::Merged),
        (FollowupStatus::Dismissed, Resolution::Answered),
    ] {
        let filter = FollowupFilter {
            status: Some(status),
            ..FollowupFilter::default()
        };
        let ended = store.followups(&filter).await.unwrap();
        let endings: Vec<_> = ended
            .iter()
            .flat_map(|item| item.sources.iter().map(|source| source.ended))
            .collect();
        assert_eq!(endings, [Some(ending)], "{status:?}");
    }
}
