//! Agents that claim until nothing is left, despite errors, and remember every success.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::command::{Answer, Outcome};
use issuecommand_core::ports::store::{ClaimFilter, Store};
use issuecommand_store_postgres::PostgresStore;
use issuecommand_testkit::builders::{
    facts, finish_poll, issue, next, record_issues, record_repos,
};

/// The time limit of a run on a busy machine.
const LONGEST: Duration = Duration::from_mins(5);

#[derive(Debug)]
pub(crate) struct AgentPool {
    stores: Vec<Arc<PostgresStore>>,
    issues: i64,
    /// The agent of each acknowledged issue.
    told: Mutex<BTreeMap<i64, String>>,
    /// How often each kind of failure occurred.
    failures: Mutex<BTreeMap<&'static str, usize>>,
    done: AtomicUsize,
    agents: AtomicUsize,
}

impl AgentPool {
    /// Adds so many open issues to the mirror.
    pub(crate) async fn with_issues(stores: &[Arc<PostgresStore>], issues: i64) -> Self {
        let rows = (1..=issues).map(issue);
        for command in [
            record_repos(&[facts("acme/api")]),
            record_issues("acme/api", rows),
            finish_poll("acme/api", Timestamp(1)),
        ] {
            stores[0].transact(command).await.unwrap();
        }
        Self {
            stores: stores.to_vec(),
            issues,
            told: Mutex::default(),
            failures: Mutex::default(),
            done: AtomicUsize::new(0),
            agents: AtomicUsize::new(usize::MAX),
        }
    }

    /// So many agents claim until all issues are held.
    pub(crate) async fn work(&self, agents: usize) {
        self.agents.store(agents, Ordering::Relaxed);
        let begun = Instant::now();
        let agents = (0..agents).map(|n| async move {
            let store = &self.stores[n % self.stores.len()];
            let mut turn = 0;
            loop {
                assert!(begun.elapsed() < LONGEST, "{}", self.figures());
                // A new agent id for each turn, because an agent with an issue gets no other.
                let name = format!("agent-{n}-{turn}");
                match store.transact(next(&name)).await {
                    Ok(Outcome::Done(Answer::Claim { claim, .. })) => {
                        turn += 1;
                        let number = claim.number.get();
                        let other = self.told.lock().unwrap().insert(number, name.clone());
                        assert_eq!(other, None, "issue {number} went to {name} too");
                    }
                    Ok(Outcome::Refused(Refusal::NothingEligible)) => break,
                    Ok(other) => panic!("{other:?}"),
                    Err(error) => {
                        // After an unknown outcome it continues under another id, as a new agent would.
                        turn += usize::from(matches!(error, StoreError::OutcomeUnknown(_)));
                        self.heard(&error);
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                }
            }
            self.done.fetch_add(1, Ordering::Relaxed);
        });
        futures_util::future::join_all(agents).await;
    }

    fn heard(&self, error: &StoreError) {
        let kind = match error {
            StoreError::Busy(_) => "busy",
            StoreError::Unavailable(_) => "unavailable",
            StoreError::OutcomeUnknown(_) => "outcome unknown",
            StoreError::Fenced(_)
            | StoreError::Corrupt(_)
            | StoreError::Unwritable { .. }
            | StoreError::NewerSchema { .. } => {
                panic!("{error:?}")
            }
        };
        *self.failures.lock().unwrap().entry(kind).or_default() += 1;
    }

    pub(crate) fn is_done(&self) -> bool {
        self.done.load(Ordering::Relaxed) >= self.agents.load(Ordering::Relaxed)
    }

    /// Waits until so many claims were acknowledged, or all work is done.
    pub(crate) async fn has_claimed(&self, claims: usize) {
        while self.told.lock().unwrap().len() < claims && !self.is_done() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Every acknowledged claim is there, and every issue has one holder.
    pub(crate) async fn check(&self, stores: &[Arc<PostgresStore>]) {
        for store in stores {
            let claims = self.claims(store).await;
            let owners: BTreeMap<i64, String> = claims
                .iter()
                .map(|claim| (claim.0, claim.1.clone()))
                .collect();
            assert_eq!(claims.len(), owners.len(), "two owners of one issue");
            assert_eq!(
                owners.keys().copied().collect::<BTreeSet<_>>(),
                (1..=self.issues).collect()
            );
            for (number, agent) in &*self.told.lock().unwrap() {
                assert_eq!(owners.get(number), Some(agent), "issue {number}");
            }
        }
    }

    /// All active claims, retried until there is a response.
    async fn claims(&self, store: &PostgresStore) -> Vec<(i64, String)> {
        let begun = Instant::now();
        loop {
            match store.claims(&ClaimFilter::default()).await {
                Ok(claims) => {
                    let claims = claims.iter();
                    return claims
                        .map(|claim| (claim.number.get(), claim.agent.as_str().to_owned()))
                        .collect();
                }
                Err(error) => self.heard(&error),
            }
            assert!(begun.elapsed() < LONGEST);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) fn figures(&self) -> String {
        format!(
            "{} of {} claims acknowledged, failures heard: {:?}",
            self.told.lock().unwrap().len(),
            self.issues,
            self.failures.lock().unwrap()
        )
    }
}
