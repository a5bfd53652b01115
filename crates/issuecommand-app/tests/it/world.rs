//! The fixture of the tests: IssueCommand in one process, on a database file and an emulated GitHub, with a clock that the test
//! moves for both.

mod dump;
mod http;
mod mcp;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::event::Event;
use issuecommand_core::domain::id::{IssueNumber, Principal};
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::lease::{LeaseOutcome, LeaseProof};
use issuecommand_core::domain::policy::{AttemptPolicy, Policy};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::domain::webhook::{AuthMethod, Delivery, WebhookAnswer};
use issuecommand_core::ports::store::{ClaimFilter, Store};
use issuecommand_core::service::{
    Claimed, DeliveryOutcome as Delivered, Service, ServiceResult, SyncReport,
};
use issuecommand_github::{Rest, RestSettings, Webhooks};
use issuecommand_github_emulator::{Delivery as Sent, GithubEmulator, NewIssue, NewRepo, World};
use issuecommand_store_postgres::PostgresOptions;
use issuecommand_store_sqlite::SqliteOptions;
use issuecommand_testkit::builders::{agent, number, repo};
use issuecommand_testkit::clock::TestClock;
use issuecommand_testkit::ids::TestIds;
use issuecommand_testkit::postgres::{Database, Server};
use tempfile::TempDir;

pub(crate) use self::dump::Dump;
pub(crate) use self::http::{Http, JsonResponse, PATIENCE};
pub(crate) use self::mcp::Mcp;
pub(crate) use self::stream::Stream;

/// The repository of most tests.
pub(crate) const API: &str = "acme/api";

/// The kind of database.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StoreKind {
    Sqlite,
    Postgres,
}

impl StoreKind {
    /// Whether this machine has it. Reports a skipped test if not.
    pub(crate) fn is_here(self) -> bool {
        match self {
            Self::Sqlite => true,
            Self::Postgres => Server::shared().is_some(),
        }
    }
}

/// One database, removed when dropped.
pub(crate) enum TestDatabase {
    Sqlite(TempDir),
    Postgres(Database),
}

impl TestDatabase {
    pub(crate) fn new(kind: StoreKind) -> Self {
        match kind {
            StoreKind::Sqlite => Self::Sqlite(TempDir::new().unwrap()),
            StoreKind::Postgres => Self::Postgres(Server::shared().expect("a server").database()),
        }
    }

    /// Most tests let hours pass at once as ordinary time.
    pub(crate) async fn open(&self, policy: Policy, clock: Arc<TestClock>) -> Arc<dyn Store> {
        let policy = Policy {
            jump_is_silence: true,
            ..policy
        };
        let ids = Box::new(TestIds::default());
        match self {
            Self::Sqlite(folder) => {
                let options = SqliteOptions::new(folder.path().join("issuecommand.db"));
                let store = options.open_with_ids(policy, clock, ids).await;
                Arc::new(store.unwrap())
            }
            Self::Postgres(database) => {
                let mut options = PostgresOptions::new(database.url()).unwrap();
                options.clock = Some(clock);
                let store = options.open_with_ids(policy, ids).await;
                Arc::new(store.unwrap())
            }
        }
    }
}

/// The default settings, but an agent may take again at once what it gave back.
fn lenient() -> Policy {
    Policy {
        attempts: AttemptPolicy::ignored(),
        ..Policy::default()
    }
}

/// See the module.
pub(crate) struct Setup {
    pub(crate) github: GithubEmulator,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) service: Service,
    place: TestDatabase,
}

/// 1 March 2026, for all clocks.
pub(crate) fn start() -> Timestamp {
    TestClock::default().now()
}

/// An empty GitHub.
pub(crate) fn github() -> World {
    World::at(jiff::Timestamp::from_millisecond(start().0).unwrap())
}

/// A GitHub with one repository of so many issues, opened a minute apart.
pub(crate) fn github_with(issues: u64) -> World {
    let mut world = github();
    world.set_now(jiff::Timestamp::from_millisecond(start().0 - 90 * 86_400_000).unwrap());
    world.add_repo(NewRepo::named(API));
    for n in 1..=issues {
        world.open_issue(API, NewIssue::titled(&format!("Issue {n}")));
        world.advance(Duration::from_mins(1));
    }
    world.set_now(jiff::Timestamp::from_millisecond(start().0).unwrap());
    world
}

impl Setup {
    /// IssueCommand with default settings, before any sync.
    pub(crate) async fn new(world: World) -> Self {
        Self::with(StoreKind::Sqlite, world, lenient(), Scope::All).await
    }

    pub(crate) async fn with(
        kind: StoreKind,
        world: World,
        policy: Policy,
        allowed: Scope,
    ) -> Self {
        let github = GithubEmulator::start(world).await;
        let place = TestDatabase::new(kind);
        let clock = Arc::new(TestClock::default());
        let settings = RestSettings {
            timeout: Duration::from_secs(6),
            ..RestSettings::new(github.url(), "test-token".into())
        };
        let rest = Rest::new(&settings, clock.clone()).unwrap();
        let store = place.open(policy, clock.clone()).await;
        let service = Service::new(
            store.clone(),
            Arc::new(rest),
            clock.clone(),
            allowed,
            "test",
        )
        .reading(Arc::new(Webhooks), false);
        Self {
            github,
            clock,
            store,
            service,
            place,
        }
    }

    /// The same after its first sync.
    pub(crate) async fn synced(world: World) -> Self {
        Self::synced_on(StoreKind::Sqlite, world).await
    }

    /// The same with a database of this kind.
    pub(crate) async fn synced_on(kind: StoreKind, world: World) -> Self {
        let setup = Self::with(kind, world, lenient(), Scope::All).await;
        let report = setup.sync().await;
        assert_eq!(report.failed, []);
        setup
    }

    /// Advances both clocks.
    pub(crate) fn pass(&self, length: Millis) {
        self.clock.advance(length);
        let by = Duration::from_millis(length.0.unsigned_abs());
        self.github.world(|world| world.advance(by));
    }

    pub(crate) async fn lease(&self) -> LeaseProof {
        let taken = self.service.acquire_lease("background", Millis::minutes(1));
        match taken.await.unwrap() {
            LeaseOutcome::Acquired(proof) => proof,
            theirs @ LeaseOutcome::Held { .. } => panic!("{theirs:?}"),
        }
    }

    /// One sync, as in the background.
    pub(crate) async fn sync(&self) -> SyncReport {
        let lease = self.lease().await;
        self.service.sync(&lease).await.unwrap()
    }

    pub(crate) async fn claim(&self, who: &str, name: &str, n: i64) -> ServiceResult<Claimed> {
        let claimed = self
            .service
            .claim_issue(&caller(), agent(who), repo(name), number(n), false)
            .await;
        claimed.map(|claimed| Claimed {
            // The store does not know it, and tests compare with what that has.
            claim: Claim {
                stale_at: None,
                ..claimed.claim
            },
            ..claimed
        })
    }

    /// The next issue of all repositories.
    pub(crate) async fn next(&self, who: &str) -> ServiceResult<Claim> {
        let caller = caller();
        let next = self
            .service
            .next_issue(&caller, agent(who), IssueFilter::default());
        next.await.map(|given| *given.claim)
    }

    /// Delivers everything that the webhook was sent since the last call, and does the refetches.
    pub(crate) async fn deliver(&self) -> Vec<WebhookAnswer> {
        let mut answers = Vec::new();
        for sent in self.github.deliveries() {
            answers.push(self.deliver_one(&sent).await);
        }
        answers
    }

    /// The same for one delivery.
    pub(crate) async fn deliver_one(&self, sent: &Sent) -> WebhookAnswer {
        let delivery = Delivery {
            id: Some(sent.id.clone()),
            event: sent.event.clone(),
            auth: AuthMethod::Signature,
        };
        let (service, caller) = (&self.service, caller());
        let taken = service.process_delivery(&caller, delivery, sent.body.as_bytes());
        let Delivered::Answered(answer, look) = taken.await.unwrap() else {
            panic!("{sent:?} was not taken")
        };
        if let Some(look) = look {
            // What GitHub does not answer now is refetched by the next sync.
            let _ = service.settle(look).await;
        }
        answer
    }

    /// The requests on a route, and the statuses of their responses.
    pub(crate) fn asked(&self, route: &str) -> Vec<String> {
        let requests = self.github.requests_to(route);
        let told = requests.iter().map(|request| {
            let status = request.status.unwrap_or_default();
            format!("{} {} {status}", request.method, request.path)
        });
        told.collect()
    }

    /// The active claim on an issue, queried under any name of its repository.
    pub(crate) async fn held(&self, name: &str, n: i64) -> Option<Claim> {
        let filter = ClaimFilter {
            repo: Some(repo(name)),
            ..ClaimFilter::default()
        };
        let claims = self.store.claims(&filter).await.unwrap();
        claims.into_iter().find(|claim| claim.number == number(n))
    }

    /// The offered numbers in a repository.
    pub(crate) async fn offered(&self, name: &str) -> Vec<i64> {
        let filter = IssueFilter {
            repo: Some(repo(name)),
            ..IssueFilter::default()
        };
        let rows = self.store.open_issues(&filter).await.unwrap();
        let mut numbers: Vec<i64> = rows.iter().map(|row| row.facts.number.get()).collect();
        numbers.sort_unstable();
        numbers
    }

    /// The events of a claim after its creation.
    pub(crate) async fn told_of(&self, claim: &Claim) -> Vec<Event> {
        let mut events = self.store.events_after(0, 10_000).await.unwrap();
        events.retain(|event| event.claim == Some(claim.id));
        events.remove(0);
        events
    }

    /// The whole database.
    pub(crate) async fn dump(&self) -> Dump {
        match &self.place {
            TestDatabase::Sqlite(folder) => Dump::of(&folder.path().join("issuecommand.db")).await,
            TestDatabase::Postgres(database) => Dump::of_server(database.url()).await,
        }
    }
}

/// A local agent.
pub(crate) fn caller() -> Caller {
    Caller::full(Principal::Local)
}

/// The arguments of `get_issue_details`.
pub(crate) fn named(name: &str, n: i64) -> (RepoName, IssueNumber) {
    (repo(name), number(n))
}
