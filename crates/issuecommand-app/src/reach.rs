//! The address on which HTTP is served. Callers of a service are on other machines; callers of a process that an MCP client
//! started are on this one.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::client::Client;
use crate::settings::Listen;

/// How long standard input may be silent before the process counts as a service. Clients send a request at once; supervisors
/// leave a pipe open without writing.
const SILENCE: Duration = Duration::from_secs(3);

/// The address of the settings, or the loopback address if `HTTP_HOST` is not set and an MCP client started the process.
#[derive(Debug)]
pub(crate) struct Reach {
    asked: SocketAddr,
    /// `None` if the operator set an address, or if no client can connect.
    loopback: Option<SocketAddr>,
    /// The time from which silence means that no client will connect.
    silent: Instant,
}

impl Reach {
    /// `speaks` is whether standard input is read for an MCP client. A terminal is not a client.
    pub(crate) fn new(listen: &Listen, speaks: bool, terminal: bool) -> Self {
        let silence = if terminal { Duration::ZERO } else { SILENCE };
        Self::after(listen.address, speaks && !listen.host_is_set, silence)
    }

    fn after(asked: SocketAddr, narrows: bool, silence: Duration) -> Self {
        let loopback = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), asked.port());
        Self {
            asked,
            loopback: narrows.then_some(loopback),
            silent: Instant::now() + silence,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.asked.port()
    }

    /// The address for the current state of the client.
    pub(crate) fn now(&self, client: Client) -> SocketAddr {
        let local = match client {
            Client::Here => true,
            Client::Awaited => Instant::now() < self.silent,
            Client::Never => false,
        };
        self.loopback.filter(|_| local).unwrap_or(self.asked)
    }

    /// Whether the address differs from the one in the settings.
    pub(crate) fn is_narrowed(&self, address: SocketAddr) -> bool {
        Some(address) == self.loopback
    }

    /// Waits until the state of the client is settled, if the address depends on it.
    pub(crate) async fn settled(&self, client: &mut watch::Receiver<Client>) {
        if self.loopback.is_none() {
            return;
        }
        tokio::select! {
            // A closed channel means that no client will connect.
            _ = client.wait_for(|client| *client != Client::Awaited) => {}
            () = sleep_until(self.silent) => {}
        }
    }

    /// Waits until HTTP belongs on another address than this.
    pub(crate) async fn moved(&self, client: &mut watch::Receiver<Client>, from: SocketAddr) {
        loop {
            let now = *client.borrow_and_update();
            if self.now(now) != from {
                return;
            }
            let silence = async {
                match now {
                    Client::Awaited if Instant::now() < self.silent => {
                        sleep_until(self.silent).await;
                    }
                    Client::Awaited | Client::Here | Client::Never => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = client.changed() => {
                    if changed.is_err() {
                        std::future::pending::<()>().await;
                    }
                }
                () = silence => {}
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Long enough for the test to read the state before it expires.
    const SHORT: Duration = Duration::from_millis(500);

    fn reach(narrows: bool, silence: Duration) -> Reach {
        Reach::after("0.0.0.0:3100".parse().unwrap(), narrows, silence)
    }

    #[tokio::test]
    async fn the_address_depends_on_the_state_of_the_client() {
        let (wide, local) = ("0.0.0.0:3100", "127.0.0.1:3100");
        let reach = reach(true, SHORT);
        let now = |client| reach.now(client).to_string();
        assert_eq!(now(Client::Awaited), local);
        assert_eq!(now(Client::Here), local);
        assert_eq!(now(Client::Never), wide);
        let (client, mut seen) = watch::channel(Client::Awaited);
        reach.settled(&mut seen).await;
        assert_eq!(now(Client::Awaited), wide, "it is silent");
        client.send_replace(Client::Here);
        reach.moved(&mut seen, wide.parse().unwrap()).await;
        assert_eq!(now(Client::Here), local);
        drop(client);
        let stays = reach.moved(&mut seen, local.parse().unwrap());
        let waited = tokio::time::timeout(SHORT, stays).await;
        assert!(waited.is_err());
    }

    #[tokio::test]
    async fn a_silent_client_moves_the_server_to_all_addresses() {
        let reach = reach(true, SHORT);
        let (_client, mut seen) = watch::channel(Client::Awaited);
        let from = reach.now(Client::Awaited);
        reach.moved(&mut seen, from).await;
        assert_eq!(reach.now(Client::Awaited).to_string(), "0.0.0.0:3100");
    }

    #[tokio::test]
    async fn a_configured_address_does_not_depend_on_the_client() {
        let wide = reach(false, SHORT);
        for client in [Client::Awaited, Client::Here, Client::Never] {
            assert_eq!(wide.now(client).to_string(), "0.0.0.0:3100");
        }
        let terminal = reach(true, Duration::ZERO);
        assert_eq!(terminal.now(Client::Awaited).to_string(), "0.0.0.0:3100");
        assert_eq!(terminal.now(Client::Here).to_string(), "127.0.0.1:3100");
    }
}
