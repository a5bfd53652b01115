//! Getting the HTTP port, which another process of the same kind may have.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::ask;
use crate::error::AppError;

/// How often a taken port is tried again.
const AGAIN: Duration = Duration::from_secs(5);
/// How long the holder of a port has to say who it is.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether this process has an MCP client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// One may still come.
    Awaited,
    /// One is here.
    Here,
    /// None will come: standard input has ended, or this program has no MCP.
    Never,
}

/// Binds the address, trying again while another process has it and there is an MCP client to serve meanwhile. `None` when
/// told to stop first.
pub(crate) async fn bind(
    address: SocketAddr,
    mut client: watch::Receiver<Client>,
    stop: &CancellationToken,
) -> Result<Option<TcpListener>, AppError> {
    let mut told = false;
    loop {
        let cause = match TcpListener::bind(address).await {
            Ok(listener) => return Ok(Some(listener)),
            Err(cause) => cause,
        };
        if cause.kind() != io::ErrorKind::AddrInUse {
            return Err(AppError::Bind { address, cause });
        }
        let ours = is_ours(address).await;
        if *client.borrow() == Client::Never {
            let holder = if ours {
                "another issuecommand"
            } else {
                "another program"
            };
            return Err(AppError::PortTaken {
                port: address.port(),
                holder,
            });
        }
        if !told && ours {
            tracing::info!(
                name: "http.port_taken", port = address.port(),
                "another issuecommand serves HTTP; this one serves MCP alone"
            );
        } else if !told {
            tracing::warn!(
                name: "http.port_taken", port = address.port(),
                "the HTTP port is taken by ANOTHER PROGRAM: this process serves MCP alone, and nobody serves HTTP; free the port or set HTTP_PORT"
            );
        }
        told = true;
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            _ = client.wait_for(|client| *client == Client::Never) => {}
            () = stop.cancelled() => return Ok(None),
        }
    }
}

/// Whether the process behind an address says that it is an IssueCommand.
async fn is_ours(address: SocketAddr) -> bool {
    let asked = timeout(PATIENCE, ask::get(address, "/healthz", None)).await;
    matches!(asked, Ok(Ok((_, text))) if text.contains("\"issuecommand\""))
}
