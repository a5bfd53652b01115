//! A server over a memory store and a small GitHub.

mod decoder;
mod document;
mod faulty_store;
mod github;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::id::IdGenerator;
use issuecommand_core::domain::policy::{AttemptPolicy, Policy};
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::memory::MemoryStore;
use issuecommand_core::ports::github::GitHub;
use issuecommand_core::ports::store::Store;
use issuecommand_core::service::Service;
use issuecommand_http::{HttpSettings, serve};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::decoder::FakeDecoder;
use self::faulty_store::FaultyStore;
pub(crate) use self::github::FakeGithub;
use issuecommand_testkit::http::{EventStream, Response, exchange, request};

pub(crate) const KEY: &str = "the-key";
/// The default path of deliveries.
pub(crate) const HOOK: &str = "/api/webhooks/github";
/// The webhook secret.
pub(crate) const SECRET: &str = "It's a Secret to Everybody";
pub(crate) const BEARER: (&str, &str) = ("Authorization", "Bearer the-key");

#[derive(Debug)]
struct WallClock;

#[async_trait::async_trait]
impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp(i64::try_from(since.as_millis()).unwrap())
    }

    async fn sleep(&self, length: Millis) {
        tokio::time::sleep(Duration::from_millis(u64::try_from(length.0).unwrap())).await;
    }
}

struct RandomIds;

impl IdGenerator for RandomIds {
    fn uuid(&mut self) -> Uuid {
        Uuid::new_v4()
    }
}

/// The options of a test.
pub(crate) struct Plan {
    pub(crate) policy: Policy,
    pub(crate) allowed: Scope,
    pub(crate) settings: HttpSettings,
}

impl Default for Plan {
    fn default() -> Self {
        let mut settings = HttpSettings::new(KEY.into());
        settings.webhooks.secret = Some(SECRET.into());
        Self {
            // One agent of a test may take an issue and give it back as often as it likes.
            policy: Policy {
                attempts: AttemptPolicy::ignored(),
                ..Policy::default()
            },
            allowed: Scope::All,
            settings,
        }
    }
}

pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) github: Arc<FakeGithub>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) faulty_store: Arc<FaultyStore>,
    pub(crate) shutdown: CancellationToken,
    pub(crate) server: JoinHandle<()>,
}

impl World {
    /// `acme/api` with issues 1 to 5 (1 low, 2 and 4 plain, 3 `P1`, 5 closed) and pull request 6, and the empty `acme/web`.
    pub(crate) async fn new() -> Self {
        Self::with(Plan::default()).await
    }

    pub(crate) async fn with(plan: Plan) -> Self {
        let github = Arc::new(FakeGithub::new());
        let clock: Arc<dyn Clock> = Arc::new(WallClock);
        let store = Arc::new(MemoryStore::new(
            plan.policy,
            clock.clone(),
            Box::new(RandomIds),
        ));
        let faulty_store = Arc::new(FaultyStore::new(store.clone()));
        let (port, kept): (Arc<dyn GitHub>, Arc<dyn Store>) =
            (github.clone(), faulty_store.clone());
        let service = Service::new(kept, port, clock, plan.allowed, "test")
            .reading(Arc::new(FakeDecoder), false);
        let shutdown = CancellationToken::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = serve(listener, service, plan.settings, shutdown.clone());
        let server = tokio::spawn(async move { serving.await.unwrap() });
        Self {
            address,
            github,
            store,
            faulty_store,
            shutdown,
            server,
        }
    }

    /// A request with the key; a body of `null` is no body.
    pub(crate) async fn send(&self, method: &str, path: &str, body: Value) -> Response {
        let body = if body.is_null() {
            Vec::new()
        } else {
            serde_json::to_vec(&body).unwrap()
        };
        self.send_bytes(method, path, &[BEARER], &body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send("GET", path, Value::Null).await
    }

    pub(crate) async fn send_bytes(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Response {
        let reply = exchange(self.address, &request(method, path, headers, body)).await;
        document::check(method, path, &reply);
        reply
    }

    /// Claims an issue of `acme/api`. Returns the claim.
    pub(crate) async fn claim(&self, agent: &str, number: i64) -> Value {
        let input =
            serde_json::json!({ "agent_id": agent, "repo": "acme/api", "issue_number": number });
        let reply = self.send("POST", "/api/claims", input).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json_without_id()["claim"].clone()
    }

    pub(crate) async fn sse(&self, path: &str, headers: &[(&str, &str)]) -> EventStream {
        EventStream::open(self.address, path, &[&[BEARER], headers].concat()).await
    }
}

/// The path of a claim.
pub(crate) fn path_of(claim: &Value) -> String {
    format!("/api/claims/{}", claim["claim_id"].as_str().unwrap())
}
