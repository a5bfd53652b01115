//! One MCP session on one transport: from the first message to the client's leaving.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use issuecommand_core::domain::access::Caller;
use issuecommand_core::service::Service;
use issuecommand_executor::{Executor, Surface};
use rmcp::model::{
    ClientJsonRpcMessage, ClientRequest, GetExtensions, JsonRpcMessage, ServerJsonRpcMessage,
};
use rmcp::service::{QuitReason, RoleServer, serve_server_with_ct};
use rmcp::transport::Transport;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::identity::Identity;
use crate::lines::{Calls, Lines};
use crate::server::{Backing, Server};
use crate::tool::Shown;

/// How long a client waits for a tool: less than the minute after which most of them give up by themselves and tell their
/// model nothing.
const TIME_LIMIT: Duration = Duration::from_secs(50);
/// How long calls that their client left behind may take to finish once the session is over.
const DRAIN: Duration = Duration::from_secs(5);

/// How long the end of a session may take to be recorded.
const FAREWELL: Duration = Duration::from_secs(2);

/// How a session came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// The input ended before an MCP client spoke: a container, a service, `/dev/null`.
    NoClient,
    /// The client has left. Its open requests were answered for up to five seconds, and its calls had five more to finish.
    ClientLeft,
    /// The server was told to stop. Open requests had two seconds to be answered, and calls five more to finish.
    Stopped,
}

/// Serves one client on standard input and output; logs must go elsewhere.
///
/// Where standard input is no pipe it is read by a blocking thread, which holds up the end of the runtime when [`SessionEnd::Stopped`]
/// comes before the input ends: leave with `Runtime::shutdown_timeout` or `shutdown_background`.
pub async fn serve_stdio(
    service: Service,
    caller: Caller,
    shown: Shown,
    client: watch::Sender<bool>,
    stop: CancellationToken,
) -> SessionEnd {
    let (input, output) = rmcp::transport::io::stdio_pipes();
    serve(service, caller, shown, input, output, client, stop).await
}

/// Serves one client on standard input and output with nothing behind the tools: they are listed as ever, and each call is
/// answered by an error that says why the program could not start. Else as [`serve_stdio`].
pub async fn explain_stdio(
    why: String,
    client: watch::Sender<bool>,
    stop: CancellationToken,
) -> SessionEnd {
    let (input, output) = rmcp::transport::io::stdio_pipes();
    let server = Server::new(
        Backing::Unavailable(why),
        Calls::default(),
        Shown::default(),
    );
    session(server, None, input, output, client, stop).await
}

/// Serves one client that writes its messages to `input`, a line each, and reads its answers from `output`, until it leaves
/// or `stop` is cancelled.
///
/// `client` becomes `true` with the first request that arrives, and stays so.
pub async fn serve<R, W>(
    service: Service,
    caller: Caller,
    shown: Shown,
    input: R,
    output: W,
    client: watch::Sender<bool>,
    stop: CancellationToken,
) -> SessionEnd
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let identity = Identity::new(caller);
    // A client that is gone waits for no work.
    let left = stop.child_token();
    let executor = Executor::new(
        service.clone(),
        Surface::Mcp,
        TIME_LIMIT,
        None,
        left.clone(),
    );
    let backing = Backing::Service(executor.clone());
    let server = Server::new(backing, Calls::default(), shown);
    let end = session(
        server,
        Some((identity.clone(), left)),
        input,
        output,
        client,
        stop,
    )
    .await;
    // A client that leaves or cancels must not cut a use case in two.
    executor.drain(Instant::now() + DRAIN).await;
    let caller = identity.caller();
    let ended = timeout(FAREWELL, service.end_session(&caller)).await;
    if !matches!(ended, Ok(Ok(()))) {
        tracing::debug!(name: "mcp.session_not_ended", "the end of the session could not be recorded; it ends by silence");
    }
    end
}

async fn session<R, W>(
    server: Server,
    caller: Option<(Identity, CancellationToken)>,
    input: R,
    output: W,
    client: watch::Sender<bool>,
    stop: CancellationToken,
) -> SessionEnd
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let open = Arc::new(AtomicBool::new(false));
    let presence = client.subscribe();
    let (identity, left) = caller.unzip();
    let transport = ObservedTransport {
        inner: Lines::new(input, output, server.calls().clone()),
        identity,
        left,
        client,
        open: open.clone(),
    };
    // A running service cancels its token when it ends; the caller's own is not to be touched.
    match serve_server_with_ct(server, transport, stop.child_token()).await {
        Ok(running) => {
            open.store(true, Ordering::Relaxed);
            match running.waiting().await {
                Ok(QuitReason::Closed | QuitReason::Cancelled) => {}
                other => {
                    tracing::error!(name: "mcp.session_broken", ?other, "the MCP session broke off");
                }
            }
        }
        Err(error) => tracing::debug!(name: "mcp.no_session", %error, "no MCP session came about"),
    }
    if stop.is_cancelled() {
        SessionEnd::Stopped
    } else if *presence.borrow() {
        SessionEnd::ClientLeft
    } else {
        SessionEnd::NoClient
    }
}

/// A transport of one caller, whom it names in each request. It notes when a client shows itself, and keeps from rmcp what would
/// make it give up before the handshake: a notification or an answer that nobody waits for.
struct ObservedTransport<T> {
    inner: T,
    identity: Option<Identity>,
    /// Cancelled when the client has left.
    left: Option<CancellationToken>,
    client: watch::Sender<bool>,
    open: Arc<AtomicBool>,
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for ObservedTransport<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        item: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.inner.send(item)
    }

    // Safe to drop while it waits, as rmcp needs it: the only wait is the inner transport's own.
    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            let Some(mut message) = self.inner.receive().await else {
                if let Some(left) = &self.left {
                    left.cancel();
                }
                return None;
            };
            if let JsonRpcMessage::Request(request) = &mut message {
                if let Some(identity) = &self.identity {
                    if let ClientRequest::InitializeRequest(hello) = &request.request {
                        let client = &hello.params.client_info;
                        identity.introduce(&client.name, &client.version);
                    }
                    let caller = identity.caller();
                    request.request.extensions_mut().insert(caller);
                }
                self.client
                    .send_if_modified(|there| !std::mem::replace(there, true));
                if matches!(request.request, ClientRequest::InitializeRequest(_)) {
                    self.open.store(true, Ordering::Relaxed);
                }
                return Some(message);
            }
            if self.open.load(Ordering::Relaxed) {
                return Some(message);
            }
            tracing::debug!(name: "mcp.early_message", "a message before the handshake that asks for nothing was passed over");
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().await
    }
}
