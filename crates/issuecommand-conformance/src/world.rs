//! The fixture of a case: a store, a clock, and short helpers.

pub(super) mod feedback;
pub(super) mod session;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::AccessKey;
use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::{Event, EventKind};
use issuecommand_core::domain::followup::Followup;
use issuecommand_core::domain::issue::{Issue, IssueFilter, MirroredIssue};
use issuecommand_core::domain::policy::{AttemptPolicy, Policy};
use issuecommand_core::domain::pull_request::LinkedPull;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::repo::{Repo, RepoSnapshot};
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::domain::webhook::StoredDelivery;
use issuecommand_core::engine::command::{Answer, Command, Missing, Outcome};
use issuecommand_core::ports::store::{
    ClaimFilter, HistoryQuery, RepoCount, StatusCounts, Store, StoreHealth,
};
use issuecommand_testkit::builders::{
    self, facts, full_poll, latest_told, record_issues, record_repos, repo,
};
use issuecommand_testkit::clock::TestClock;

use super::Backend;

/// See the module.
#[derive(Debug)]
pub struct World {
    /// The store under test.
    pub store: Arc<dyn Store>,
    /// The clock that the store reads. Cases move it.
    pub clock: Arc<TestClock>,
    backend: Arc<dyn Backend>,
    deliveries: Arc<AtomicU64>,
}

/// The repository of most cases.
pub(super) const API: &str = "acme/api";

/// All that a store can be asked for, to check whether anything changed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Everything {
    claims: Vec<Claim>,
    ended: Vec<Claim>,
    open: Vec<MirroredIssue>,
    repos: Vec<RepoCount>,
    followups: Vec<Followup>,
    linked: Vec<LinkedPull>,
    deferred: Vec<StoredDelivery>,
    events: Vec<Event>,
    keys: Vec<AccessKey>,
    health: StoreHealth,
}

/// The default settings, but nothing follows from attempts.
pub(super) fn lenient() -> Policy {
    Policy {
        attempts: AttemptPolicy::ignored(),
        ..Policy::default()
    }
}

impl World {
    /// Most cases let hours pass at once as ordinary time, and take again what they gave back.
    pub(super) async fn new(backend: impl Backend + 'static) -> Self {
        let (clock, backend) = (Arc::new(TestClock::default()), Arc::new(backend));
        let store = backend.open(passing(lenient()), clock.clone()).await;
        Self {
            store,
            clock,
            backend,
            deliveries: Arc::default(),
        }
    }

    /// The same data and clock through another store, as another process with these settings. A clock jump counts as elapsed
    /// time.
    pub(super) async fn under(&self, policy: Policy) -> Self {
        self.under_exactly(passing(policy)).await
    }

    /// The same with clock jumps handled as in a program.
    pub(super) async fn under_exactly(&self, policy: Policy) -> Self {
        Self {
            store: self.backend.open(policy, self.clock.clone()).await,
            clock: self.clock.clone(),
            backend: self.backend.clone(),
            deliveries: self.deliveries.clone(),
        }
    }

    /// Adds a repository with these issues to the mirror, polled just now.
    pub(super) async fn mirror(
        &self,
        name: &str,
        issues: impl IntoIterator<Item = impl Into<Issue>>,
    ) {
        self.mirror_as(&facts(name), issues).await;
    }

    /// The same for a repository with these facts.
    pub(super) async fn mirror_as(
        &self,
        facts: &RepoSnapshot,
        issues: impl IntoIterator<Item = impl Into<Issue>>,
    ) {
        self.note(record_repos(std::slice::from_ref(facts))).await;
        self.note(record_issues(facts.name.as_str(), issues)).await;
        self.poll(facts.name.as_str()).await;
    }

    /// All open issues were read just now, and nothing changed.
    pub(super) async fn poll(&self, name: &str) {
        self.note(full_poll(name, self.clock.now())).await;
    }

    /// Lets so many minutes pass.
    pub(super) fn pass(&self, minutes: i64) {
        self.clock.advance(Millis::minutes(minutes));
    }

    /// The outcome of a command. The clock is first set to the latest GitHub time in it, because those events have happened.
    pub(super) async fn ask(&self, command: Command) -> Outcome {
        let told = latest_told(&command.action).map(|told| told.minus(command.skew));
        if let Some(told) = told.filter(|told| *told > self.clock.now()) {
            self.clock.set(told);
        }
        self.ask_now(command).await
    }

    /// The outcome of a command at the current time.
    pub(super) async fn ask_now(&self, command: Command) -> Outcome {
        self.store
            .transact(command)
            .await
            .expect("the store can be asked")
    }

    /// The answer to a command that must succeed.
    pub(super) async fn note(&self, command: Command) -> Answer {
        match self.ask(command).await {
            Outcome::Done(answer) => answer,
            other => panic!("a yes was expected, not {other:?}"),
        }
    }

    /// The refusal of a command, which must have changed nothing.
    pub(super) async fn refused(&self, command: Command) -> Refusal {
        let before = self.everything().await;
        let outcome = self.ask(command).await;
        assert_eq!(
            self.everything().await,
            before,
            "a refusal changed something"
        );
        match outcome {
            Outcome::Refused(refusal) => refusal,
            other => panic!("a refusal was expected, not {other:?}"),
        }
    }

    /// The missing data of a command, which must have changed nothing.
    pub(super) async fn missing(&self, command: Command) -> Missing {
        let before = self.everything().await;
        let outcome = self.ask(command).await;
        assert_eq!(
            self.everything().await,
            before,
            "what could not be decided changed something"
        );
        match outcome {
            Outcome::Missing(missing) => missing,
            other => panic!("a missing piece was expected, not {other:?}"),
        }
    }

    /// The claim in the answer, and whether it was idempotent.
    pub(super) async fn claimed(&self, command: Command) -> (Claim, bool) {
        claim_of(self.note(command).await)
    }

    /// A new claim.
    pub(super) async fn claim(&self, agent: &str, name: &str, number: i64) -> Claim {
        let (claim, idempotent) = self.claimed(builders::claim(agent, name, number)).await;
        assert!(!idempotent, "{agent} had {name}#{number} before");
        claim
    }

    /// A claim moved to its next status.
    pub(super) async fn moved(&self, claim: &Claim, to: ClaimStatus) -> Claim {
        let (claim, idempotent) = self.claimed(builders::update(claim, to)).await;
        assert!(!idempotent, "it was {to} before");
        claim
    }

    /// The only active claim on an issue, if there is one.
    pub(super) async fn holder(&self, name: &str, number: i64) -> Option<Claim> {
        let filter = ClaimFilter {
            repo: Some(repo(name)),
            ..ClaimFilter::default()
        };
        let mut claims = self.claims(&filter).await;
        claims.retain(|claim| claim.number.get() == number);
        assert!(claims.len() <= 1, "{name}#{number} has two owners");
        claims.pop()
    }

    /// Active claims.
    pub(super) async fn claims(&self, filter: &ClaimFilter) -> Vec<Claim> {
        self.store.claims(filter).await.expect("claims are read")
    }

    /// Ended claims, all of them.
    pub(super) async fn ended(&self) -> Vec<Claim> {
        let query = HistoryQuery {
            limit: 100_000,
            ..HistoryQuery::default()
        };
        self.history(&query).await
    }

    /// Ended claims.
    pub(super) async fn history(&self, query: &HistoryQuery) -> Vec<Claim> {
        self.store.history(query).await.expect("history is read")
    }

    /// Numbers of the offered issues, in serving order.
    pub(super) async fn offered(&self, filter: &IssueFilter) -> Vec<i64> {
        let rows = self.store.open_issues(filter).await;
        let rows = rows.expect("open issues are read");
        rows.iter().map(|row| row.facts.number.get()).collect()
    }

    /// A row of the mirror that must exist.
    pub(super) async fn row(&self, name: &str, number: i64) -> MirroredIssue {
        let row = self
            .store
            .issue(&repo(name), builders::number(number))
            .await;
        row.expect("the mirror is read")
            .unwrap_or_else(|| panic!("{name}#{number} is not in the mirror"))
    }

    /// A repository.
    pub(super) async fn repo(&self, name: &str) -> Option<Repo> {
        self.store
            .repo(&repo(name))
            .await
            .expect("repositories are read")
    }

    /// All events so far.
    pub(super) async fn events(&self) -> Vec<Event> {
        self.events_after(0).await
    }

    /// The times of all events so far, in the order of the log.
    pub(super) async fn event_times(&self) -> Vec<Timestamp> {
        let events = self.events().await;
        events.iter().map(|event| event.timestamp).collect()
    }

    /// All events after that sequence number.
    pub(super) async fn events_after(&self, seq: i64) -> Vec<Event> {
        let events = self.store.events_after(seq, 1_000_000).await;
        events.expect("events are read")
    }

    /// The sequence number of the latest event.
    pub(super) async fn last_event(&self) -> i64 {
        self.store.last_event().await.expect("events are read")
    }

    /// The kinds of the events after that sequence number.
    pub(super) async fn kinds_after(&self, seq: i64) -> Vec<EventKind> {
        let events = self.events_after(seq).await;
        events.iter().map(|event| event.kind).collect()
    }

    /// The counts of open rows.
    pub(super) async fn tally(&self) -> StatusCounts {
        self.store.tally().await.expect("what is open is counted")
    }

    /// Health for a caller without restrictions.
    pub(super) async fn health(&self) -> StoreHealth {
        self.store
            .health(&Scope::All)
            .await
            .expect("health is read")
    }

    /// The results of all queries.
    pub(super) async fn everything(&self) -> Everything {
        let repos = self.store.repos().await;
        let linked = self.store.linked_pulls().await;
        let deferred = self.store.deferred_deliveries(1_000).await;
        let open = self.store.open_issues(&IssueFilter::default()).await;
        Everything {
            claims: self.claims(&ClaimFilter::default()).await,
            ended: self.ended().await,
            open: open.expect("open issues are read"),
            repos: repos.expect("repositories are read"),
            followups: self.followups().await,
            linked: linked.expect("pull requests are read"),
            deferred: deferred.expect("deliveries are read"),
            events: self.events().await,
            keys: self.store.keys().await.expect("keys are read"),
            health: self.health().await,
        }
    }
}

fn passing(policy: Policy) -> Policy {
    Policy {
        jump_is_silence: true,
        ..policy
    }
}

/// The claim in an answer, and whether it was idempotent.
pub(super) fn claim_of(answer: Answer) -> (Claim, bool) {
    match answer {
        Answer::Claim {
            claim, idempotent, ..
        } => (*claim, idempotent),
        other => panic!("a claim was expected, not {other:?}"),
    }
}

/// The outcomes of concurrent commands, each in a task of its own, distributed over these stores.
#[expect(clippy::disallowed_methods, reason = "callers at once")]
pub(super) async fn at_once(
    worlds: &[&World],
    commands: impl IntoIterator<Item = Command>,
) -> Vec<Outcome> {
    let stores = worlds.iter().map(|world| &world.store).cycle();
    let mut tasks = Vec::new();
    for (store, command) in stores.zip(commands) {
        let store = Arc::clone(store);
        tasks.push(tokio::spawn(async move { store.transact(command).await }));
    }
    let mut outcomes = Vec::new();
    for task in tasks {
        let outcome = task.await.expect("the store does not panic");
        outcomes.push(outcome.expect("the store can be asked"));
    }
    outcomes
}
