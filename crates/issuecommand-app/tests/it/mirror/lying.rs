//! A GitHub with wrong lists: late rows, empty lists, wrong counts, circles, bad rows, a failing repository. Its single issues
//! are correct, so the mirror converges to it, and claims end only by evidence.

mod lying_github;

use std::collections::BTreeMap;
use std::sync::Arc;

use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::id::{ClaimId, Principal};
use issuecommand_core::domain::issue::{IssueFilter, WithheldReason};
use issuecommand_core::domain::lease::{LeaseOutcome, LeaseProof};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::{Millis, Timestamp};
use issuecommand_core::memory::MemoryStore;
use issuecommand_core::ports::store::{ClaimFilter, HistoryQuery, Store};
use issuecommand_core::service::{AssignedIssue, Service};
use issuecommand_testkit::builders::{agent, repo};
use issuecommand_testkit::clock::TestClock;
use issuecommand_testkit::ids::TestIds;
use issuecommand_testkit::prove;

use self::lying_github::{LyingGithub, REPOS};
use crate::world::{StoreKind, TestDatabase};

on_each_store! {
    prove_a_mirror_under_a_lying_github_in_a_database,
}

/// The rounds with wrong lists before the mirror is compared.
const LIES: u32 = 100;

struct MirrorCheck {
    github: Arc<LyingGithub>,
    clock: Arc<TestClock>,
    store: Arc<dyn Store>,
    service: Service,
    /// The time of the last evidence of each claimed issue, by claim.
    checked_at: BTreeMap<ClaimId, Timestamp>,
    /// How often the mirror was correct after two syncs, and how often only after a full sync was due.
    soon: u32,
    late: u32,
    ended: usize,
}

impl MirrorCheck {
    fn new(store: Arc<dyn Store>, clock: Arc<TestClock>, seed: u64) -> Self {
        let github = Arc::new(LyingGithub::new(clock.clone(), seed));
        let service = Service::new(
            store.clone(),
            github.clone(),
            clock.clone(),
            Scope::All,
            "liar",
        );
        Self {
            github,
            clock,
            store,
            service,
            checked_at: BTreeMap::new(),
            soon: 0,
            late: 0,
            ended: 0,
        }
    }

    async fn sync(&self) {
        let lease: LeaseProof = match self
            .service
            .acquire_lease("background", Millis::minutes(600))
            .await
            .unwrap()
        {
            LeaseOutcome::Acquired(proof) => proof,
            theirs @ LeaseOutcome::Held { .. } => panic!("{theirs:?}"),
        };
        self.service.sync(&lease).await.unwrap();
    }

    async fn round(&mut self) {
        let random = self.github.round();
        // Both clocks advance, at different speeds.
        self.clock.advance(Millis::seconds(random.below(600)));
        match random.below(12) {
            0..=2 => self.sync().await,
            3..=5 => {
                let caller = Caller::full(Principal::Local);
                let who = agent(&format!("agent-{}", random.below(5)));
                let next = self
                    .service
                    .next_issue(&caller, who, IssueFilter::default());
                if let Ok(AssignedIssue { claim, issue, .. }) = next.await {
                    self.checked_at.insert(claim.id, issue.checked_at);
                    if issue.checked_at == claim.claimed_at {
                        // GitHub was asked for this claim.
                        let open = self.github.is_open(claim.repo_name.key(), claim.number);
                        assert!(open, "{claim:?} is of an issue that is not open");
                    }
                }
            }
            6 => {
                let claims = self.store.claims(&ClaimFilter::default()).await.unwrap();
                if let Some(claim) = claims.first() {
                    let caller = Caller::full(Principal::Local);
                    let released = self.service.release_claim(
                        &caller,
                        claim.id,
                        claim.agent.clone(),
                        None,
                        None,
                    );
                    released.await.unwrap();
                }
            }
            // A wrong clock is corrected, or the other way round.
            7 if random.below(40) == 0 => {
                self.clock
                    .advance(Millis::minutes(random.below(3 * 24 * 60)));
            }
            _ => {}
        }
    }

    /// Every closed claim's issue was closed by GitHub. The close may be older than the claim, because an issue is handed out
    /// by recent evidence, or while GitHub cannot be reached.
    async fn check_claims(&mut self) {
        let query = HistoryQuery {
            limit: 10_000,
            ..HistoryQuery::default()
        };
        let ended = self.store.history(&query).await.unwrap();
        for claim in &ended {
            if claim.status == ClaimStatus::Closed {
                let last_word = self.checked_at[&claim.id];
                let closed =
                    self.github
                        .closed_since(claim.repo_name.key(), claim.number, last_word);
                assert!(closed, "{claim:?} was ended without proof");
            }
        }
        self.ended = ended.len();
    }

    /// The differences between the mirror and GitHub.
    async fn differences(&self) -> Vec<String> {
        let mut found = Vec::new();
        for name in REPOS {
            let name = repo(name);
            let rows = self.store.open_rows(&name).await.unwrap();
            let mut mirrored = Vec::new();
            for row in rows {
                if row.withheld.is_some_and(WithheldReason::is_gone) {
                    continue;
                }
                let issue = self.store.issue(&name, row.number).await.unwrap();
                mirrored.push(issue.unwrap().facts);
            }
            mirrored.sort_by_key(|issue| issue.number);
            let truth = self.github.open_issues(name.key());
            if mirrored != truth {
                let numbers = |issues: &[issuecommand_core::domain::issue::Issue]| -> Vec<i64> {
                    issues.iter().map(|issue| issue.number.get()).collect()
                };
                found.push(format!(
                    "{name}: {:?} in the mirror, {:?} on GitHub",
                    numbers(&mirrored),
                    numbers(&truth)
                ));
            }
        }
        found
    }

    async fn end_of_lies(&mut self) {
        self.github.lie(false);
        for _ in 0..2 {
            self.clock.advance(Millis::minutes(15));
            self.sync().await;
        }
        if self.differences().await.is_empty() {
            self.soon += 1;
        } else {
            self.clock.advance(Service::FULL_SYNC);
            self.sync().await;
            assert_eq!(self.differences().await, [""; 0], "after a full reading");
            self.late += 1;
        }
        self.check_claims().await;
        self.github.lie(true);
    }

    async fn run(mut self, rounds: u32) {
        for round in 1..=rounds {
            self.round().await;
            if round % LIES == 0 {
                self.end_of_lies().await;
            }
        }
        eprintln!(
            "{rounds} rounds: the mirror was true after two syncs {} times, after a full reading {} times; {} claims ended",
            self.soon, self.late, self.ended
        );
        let told = self.github.lies_told();
        eprintln!("lies: {told:?}");
        assert!(told.values().all(|times| *times > 0), "{told:?}");
        assert!(self.soon + self.late > 0 && self.ended > 10);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prove_a_mirror_under_a_lying_github() {
    let clock = Arc::new(TestClock::default());
    let policy = Policy {
        history_max: 1_000_000,
        ..Policy::default()
    };
    let store = MemoryStore::new(policy, clock.clone(), Box::new(TestIds::default()));
    let check = MirrorCheck::new(Arc::new(store), clock, 1);
    check.run(prove::rounds(1_000, 10_000)).await;
}

async fn prove_a_mirror_under_a_lying_github_in_a_database(kind: StoreKind) {
    let clock = Arc::new(TestClock::default());
    let policy = Policy {
        history_max: 1_000_000,
        ..Policy::default()
    };
    let place = TestDatabase::new(kind);
    let store = place.open(policy, clock.clone()).await;
    let check = MirrorCheck::new(store, clock, 2);
    check.run(prove::rounds(200, 2_000)).await;
}
