//! Binds the HTTP port, which another IssueCommand process may hold.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use issuecommand_core::service::DatabaseInfo;
use issuecommand_http::{PROOF_HEADER, prove};
use issuecommand_store::Fence;
use secrecy::SecretString;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::client::Client;
use crate::error::AppError;
use crate::http_probe;
use crate::neighbours::{Neighbours, same_database};
use crate::reach::Reach;

/// How often a taken port is tried again.
const AGAIN: Duration = Duration::from_secs(5);
/// Timeout for the holder of a port to identify itself.
const PATIENCE: Duration = Duration::from_secs(2);
/// The same timeout while an MCP client waits for its handshake.
const HASTE: Duration = Duration::from_millis(500);

/// The process that holds a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Another program.
    OtherProgram,
    /// An IssueCommand that does not say its database, because it has another key or belongs to another user.
    UnknownDatabase,
    /// An IssueCommand on this database.
    KnownDatabase(DatabaseInfo),
}

/// Asks the process behind an address to identify itself.
pub(crate) async fn holder(
    address: SocketAddr,
    key: Option<&SecretString>,
    patience: Duration,
) -> Holder {
    let nonce = Uuid::new_v4().simple().to_string();
    let proof = key.and_then(|key| prove(key, &nonce));
    let header = proof.as_deref().map(|proof| (PROOF_HEADER, proof));
    let asked = timeout(patience, http_probe::get_with(address, "/healthz", header)).await;
    let Ok(Ok((_, text))) = asked else {
        return Holder::OtherProgram;
    };
    if !text.contains("\"issuecommand\"") {
        return Holder::OtherProgram;
    }
    let json: Value = serde_json::from_str(&text).unwrap_or_default();
    let word = |name: &str| json["database"][name].as_str().map(str::to_owned);
    match (word("id"), word("place")) {
        (Some(id), Some(place)) => Holder::KnownDatabase(DatabaseInfo { id, place }),
        _ => Holder::UnknownDatabase,
    }
}

/// Timeout for connecting to a listener on the loopback address.
const KNOCK: Duration = Duration::from_millis(200);

/// The port that this process wants to bind.
#[derive(Debug)]
pub(crate) struct Port<'a> {
    /// The addresses to bind.
    pub(crate) reach: Reach,
    /// Whether the program also serves MCP.
    pub(crate) has_mcp: bool,
    pub(crate) key: &'a SecretString,
    pub(crate) database: &'a DatabaseInfo,
    pub(crate) neighbours: &'a Neighbours,
    /// Closed if the port is held by an IssueCommand on another database.
    pub(crate) fence: &'a Fence,
}

/// The result of an attempt to bind the port.
#[derive(Debug)]
pub(crate) enum Attempt {
    /// The listener, and the requested address.
    Got(TcpListener, SocketAddr),
    Taken(Holder),
}

impl Port<'_> {
    /// Tries once, before this process hands out anything. Closes the fence if another database has the port.
    pub(crate) async fn first(&self, client: Client) -> Result<Attempt, AppError> {
        let attempt = self.attempt(client, HASTE).await?;
        if let Attempt::Taken(holder) = &attempt {
            self.foreign(holder);
        }
        Ok(attempt)
    }

    async fn attempt(&self, client: Client, patience: Duration) -> Result<Attempt, AppError> {
        let address = self.reach.now(client);
        if !self.is_shadowed(address).await {
            match TcpListener::bind(address).await {
                Ok(listener) => return Ok(Attempt::Got(listener, address)),
                Err(cause) if cause.kind() == io::ErrorKind::AddrInUse => {}
                Err(cause) => return Err(AppError::Bind { address, cause }),
            }
        }
        if let Some(database) = self.neighbours.on_port(address.port()) {
            return Ok(Attempt::Taken(Holder::KnownDatabase(database)));
        }
        let holder = holder(address, Some(self.key), patience).await;
        Ok(Attempt::Taken(holder))
    }

    /// Whether a service that listens on all addresses has the port. Some systems allow the loopback address to be bound in
    /// addition, which would redirect the service's local callers to this process.
    async fn is_shadowed(&self, address: SocketAddr) -> bool {
        self.reach.is_narrowed(address)
            && address.port() != 0
            && matches!(timeout(KNOCK, TcpStream::connect(address)).await, Ok(Ok(_)))
    }

    /// Gives the database up if the holder has another one, and returns the reason.
    fn foreign(&self, holder: &Holder) -> Option<String> {
        let Holder::KnownDatabase(theirs) = holder else {
            return None;
        };
        if theirs.id == self.database.id {
            return None;
        }
        let (port, ours) = (self.reach.port(), &self.database.place);
        let text = format!(
            "HTTP_PORT {port} is held by an IssueCommand on another database, {}; this process was started on {ours}. Two \
             databases give the same issue to two agents, so this process hands out nothing. To mend it, {} and start it anew; \
             where they are meant to be apart, give each its own HTTP_PORT. You who call cannot mend it, and to call again does not \
             help: tell your user, and take no work without it.",
            theirs.place,
            same_database(ours, &theirs.place)
        );
        if self.fence.stand_aside(text.clone()) {
            tracing::error!(
                name: "http.other_database", port, ours, theirs = theirs.place,
                "the HTTP port is held by an IssueCommand on another database: this process hands out nothing, and ends"
            );
        }
        Some(text)
    }

    /// Binds the address for the current state of the client, and retries while another process holds it and an MCP client can
    /// be served. `None` if told to stop first.
    pub(crate) async fn bind(
        &self,
        first: Option<Attempt>,
        mut client: watch::Receiver<Client>,
        stop: &CancellationToken,
    ) -> Result<Option<(TcpListener, SocketAddr)>, AppError> {
        let mut told = false;
        let mut attempt = first;
        loop {
            let now = *client.borrow();
            let holder = match attempt.take() {
                Some(Attempt::Got(listener, address)) => {
                    if address == self.reach.now(now) {
                        return Ok(Some((listener, address)));
                    }
                    // HTTP now belongs on another address, and this listener would block it.
                    drop(listener);
                    continue;
                }
                Some(Attempt::Taken(holder)) => holder,
                None => {
                    attempt = Some(self.attempt(now, PATIENCE).await?);
                    continue;
                }
            };
            if let Some(text) = self.foreign(&holder) {
                // Each call of an MCP client still returns the reason.
                return tokio::select! {
                    _ = client.wait_for(|client| *client == Client::Never) => Err(AppError::OtherDatabase(text)),
                    () = stop.cancelled() => Ok(None),
                };
            }
            let ours = holder != Holder::OtherProgram;
            if *client.borrow() == Client::Never {
                let holder = if ours {
                    "another issuecommand"
                } else {
                    "another program"
                };
                let port = self.reach.port();
                return Err(if self.has_mcp {
                    AppError::Unneeded { port, holder }
                } else {
                    AppError::PortTaken { port, holder }
                });
            }
            if !std::mem::replace(&mut told, true) {
                self.tell(ours);
            }
            tokio::select! {
                () = tokio::time::sleep(AGAIN) => {}
                _ = client.wait_for(|client| *client == Client::Never) => {}
                () = stop.cancelled() => return Ok(None),
            }
            let now = *client.borrow();
            attempt = Some(self.attempt(now, PATIENCE).await?);
        }
    }

    fn tell(&self, ours: bool) {
        let port = self.reach.port();
        if ours {
            tracing::info!(
                name: "http.port_taken", port,
                "another issuecommand serves HTTP; this one serves MCP alone"
            );
        } else {
            tracing::warn!(
                name: "http.port_taken", port,
                "the HTTP port is taken by ANOTHER PROGRAM: this process serves MCP alone, and nobody serves HTTP; free the port or set HTTP_PORT"
            );
        }
    }
}
