//! The fixture: a service over the memory store and a fake GitHub, and a client.

mod feedback;
pub(crate) mod github;
mod raw;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::id::{IdGenerator, Principal};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::memory::MemoryStore;
use issuecommand_core::service::Service;
use issuecommand_mcp::{SessionEnd, Shown, serve};
use rmcp::model::{CallToolRequestParams, CallToolResult, ClientConfig};
use rmcp::service::{ClientServiceExt, RunningService};
use rmcp::{ClientLifecycleMode, RoleClient, ServiceExt};
use serde_json::Value;
use tokio::io::DuplexStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) use self::github::{FakeBehaviour, FakeGitHub};
pub(crate) use self::raw::Raw;

/// Longer than any step takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Every reading is a millisecond later, so that all times differ.
#[derive(Debug)]
struct TickingClock(AtomicI64);

#[async_trait]
impl Clock for TickingClock {
    fn now(&self) -> Timestamp {
        Timestamp(1_790_000_000_000 + self.0.fetch_add(1, Ordering::Relaxed))
    }

    async fn sleep(&self, length: Millis) {
        tokio::time::sleep(Duration::from_millis(length.0.unsigned_abs())).await;
    }
}

struct CountingIds(u128);

impl IdGenerator for CountingIds {
    fn uuid(&mut self) -> Uuid {
        self.0 += 1;
        Uuid::from_u128(self.0)
    }
}

/// A service with the client's end of its MCP server.
pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) github: Arc<FakeGitHub>,
    pub(crate) stop: CancellationToken,
    pub(crate) there: watch::Receiver<bool>,
    pub(crate) server: JoinHandle<SessionEnd>,
}

impl World {
    /// A new one, with the client's end of the transport.
    pub(crate) fn open() -> (Self, DuplexStream) {
        Self::of(Policy::default(), Scope::All)
    }

    /// One where the issues' assignee, mona, counts as an agent.
    pub(crate) fn of(policy: Policy, allowed: Scope) -> (Self, DuplexStream) {
        let shown = Shown {
            output_schemas: true,
        };
        Self::showing(policy, allowed, shown)
    }

    fn showing(mut policy: Policy, allowed: Scope, shown: Shown) -> (Self, DuplexStream) {
        policy.readiness.agent_logins = Some(["mona".to_owned()].into());
        let clock: Arc<dyn Clock> = Arc::new(TickingClock(AtomicI64::new(0)));
        let github = Arc::new(FakeGitHub::new());
        let ids = Box::new(CountingIds(0));
        let store = MemoryStore::new(policy.clone(), clock.clone(), ids);
        let service = Service::new(Arc::new(store), github.clone(), clock, allowed, "test");
        let service = service.under(&policy);
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let (client, there) = watch::channel(false);
        let stop = CancellationToken::new();
        let caller = Caller::full(Principal::Local);
        let (input, output) = tokio::io::split(theirs);
        let server = tokio::spawn(serve(
            service.clone(),
            caller,
            shown,
            input,
            output,
            client,
            stop.clone(),
        ));
        (
            Self {
                service,
                github,
                stop,
                there,
                server,
            },
            ours,
        )
    }

    /// A new one with a client of the usual protocol version.
    pub(crate) async fn met() -> (Self, Client) {
        let (world, stream) = Self::open();
        (world, ().serve(stream).await.unwrap())
    }

    /// The same whose list of tools shows this.
    pub(crate) async fn met_with(shown: Shown) -> (Self, Client) {
        let (world, stream) = Self::showing(Policy::default(), Scope::All, shown);
        (world, ().serve(stream).await.unwrap())
    }

    /// The end of the session.
    pub(crate) async fn end(self) -> SessionEnd {
        tokio::time::timeout(PATIENCE, self.server)
            .await
            .expect("serve returns")
            .unwrap()
    }

    /// The number of the latest event, which stays while nothing changes.
    pub(crate) async fn events(&self) -> i64 {
        self.service.store().last_event().await.unwrap()
    }
}

pub(crate) type Client = RunningService<RoleClient, ()>;

/// A client of the newest protocol version, which has no handshake.
pub(crate) async fn modern(stream: DuplexStream) -> RunningService<RoleClient, ClientConfig> {
    let mode = ClientLifecycleMode::Discover {
        preferred_versions: vec![rmcp::model::ProtocolVersion::V_2026_07_28],
    };
    ClientConfig::default()
        .serve_with_lifecycle(stream, mode)
        .await
        .unwrap()
}

/// Calls a tool and returns any result.
pub(crate) async fn call(client: &Client, tool: &'static str, arguments: &Value) -> CallToolResult {
    let arguments = arguments
        .as_object()
        .expect("arguments are an object")
        .clone();
    let call = client.call_tool(CallToolRequestParams::new(tool).with_arguments(arguments));
    tokio::time::timeout(PATIENCE, call)
        .await
        .expect("an answer in time")
        .expect("a result, not a protocol error")
}

/// The one text of a result.
pub(crate) fn text(result: &CallToolResult) -> String {
    let [block] = &result.content[..] else {
        panic!("one block: {result:?}")
    };
    block.as_text().expect("a text block").text.clone()
}

/// Calls a tool that must fail, for the object in its text.
pub(crate) async fn failure(client: &Client, tool: &'static str, arguments: &Value) -> Value {
    let result = call(client, tool, arguments).await;
    assert_eq!(
        result.is_error,
        Some(true),
        "{tool} {arguments}: {result:?}"
    );
    assert_eq!(result.structured_content, None);
    serde_json::from_str(&text(&result)).unwrap()
}
