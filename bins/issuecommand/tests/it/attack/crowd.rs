//! Many concurrent connections of badly behaved clients.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::{Builder, Runtime};

use crate::harness::{API_KEY, PATIENCE};

/// The pause before an ended connection is opened again.
const AGAIN: Duration = Duration::from_secs(5);

/// The behaviour of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// It sends nothing.
    Silent,
    /// It sends a request head that never ends.
    Dripping,
    /// It sends one HTTP/2 request, and is silent.
    Http2,
    /// It sends a delivery except for its end.
    Body,
    /// It requests a list with the key, and does not read it.
    Unread,
}

impl Kind {
    fn opening(self) -> Vec<u8> {
        match self {
            Self::Silent => Vec::new(),
            Self::Dripping => b"GET /healthz HTTP/1.1\r\nHost: test\r\n".to_vec(),
            Self::Http2 => [
                &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..],
                // Settings, none of them.
                &[0, 0, 0, 4, 0, 0, 0, 0, 0],
                // Headers and the end of stream 1: GET, http, "/" of a host.
                &[0, 0, 9, 1, 5, 0, 0, 0, 1, 0x82, 0x84, 0x86, 0x01, 4],
                b"test",
            ]
            .concat(),
            Self::Body => {
                let head = format!(
                    "POST /api/webhooks/github HTTP/1.1\r\nHost: test\r\nX-Hub-Signature-256: sha256={}\r\n\
                     Content-Length: 1000000\r\n\r\n",
                    "ab".repeat(32)
                );
                [head.as_bytes(), &vec![b'x'; 999_999]].concat()
            }
            Self::Unread => format!(
                "GET /api/repos/acme/api/issues HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {API_KEY}\r\n\r\n"
            )
            .into_bytes(),
        }
    }
}

/// The number of connections, and how many of them the server ended.
#[derive(Debug, Default)]
struct Counts {
    arrived: AtomicUsize,
    made: AtomicUsize,
    ended: AtomicUsize,
}

/// Connections that stay until this is dropped, and reconnect when they are closed.
pub(super) struct Crowd {
    runtime: Runtime,
    counts: Arc<Counts>,
}

impl Crowd {
    /// So many of each kind. Returns when all have sent their data, or were closed before.
    pub(super) fn gather(address: &str, kinds: &[(Kind, u32)]) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let counts = Arc::new(Counts::default());
        let mut all = 0;
        for &(kind, number) in kinds {
            let opening: Arc<[u8]> = kind.opening().into();
            for _ in 0..number {
                all += 1;
                let (address, opening) = (address.to_owned(), opening.clone());
                runtime.spawn(visit(kind, address, opening, counts.clone()));
            }
        }
        let here = || counts.arrived.load(Ordering::Relaxed) >= all;
        super::gathered("all strangers to be there", PATIENCE, here);
        Self { runtime, counts }
    }

    /// The number of connections, and how many of them the server ended.
    pub(super) fn leave(self) -> (usize, usize) {
        self.runtime.shutdown_background();
        let made = self.counts.made.load(Ordering::Relaxed);
        (made, self.counts.ended.load(Ordering::Relaxed))
    }
}

async fn visit(kind: Kind, address: String, opening: Arc<[u8]>, counts: Arc<Counts>) {
    let mut arrived = false;
    loop {
        if let Ok(stream) = connect(&address).await {
            counts.made.fetch_add(1, Ordering::Relaxed);
            stay(kind, stream, &opening, || {
                if !std::mem::replace(&mut arrived, true) {
                    counts.arrived.fetch_add(1, Ordering::Relaxed);
                }
            })
            .await;
            counts.ended.fetch_add(1, Ordering::Relaxed);
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn connect(address: &str) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(8192)?;
    socket.connect(address.parse().unwrap()).await
}

/// Until the server ends it.
async fn stay(kind: Kind, stream: TcpStream, opening: &[u8], mut arrived: impl FnMut()) {
    let (mut reader, mut writer) = stream.into_split();
    let said = writer.write_all(opening).await;
    arrived();
    if said.is_err() {
        return;
    }
    let dripping = async {
        match kind {
            Kind::Dripping => {
                while writer.write_all(b"X-A: b\r\n").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            }
            Kind::Silent | Kind::Http2 | Kind::Body | Kind::Unread => {
                std::future::pending::<()>().await;
            }
        }
    };
    let reading = async {
        if matches!(kind, Kind::Unread) {
            std::future::pending::<()>().await;
        }
        let mut said = [0; 4096];
        while reader.read(&mut said).await.is_ok_and(|read| read > 0) {}
    };
    tokio::select! {
        () = dripping => {}
        () = reading => {}
    }
}
