//! A proxy between a store and its server, which the test cuts at chosen statements.

use std::sync::{Arc, Mutex};

use issuecommand_testkit::postgres::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::oneshot;

/// The moment at which a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CutPoint {
    /// The server receives the statement, and its response is lost.
    AfterSending,
    /// The server does not receive it.
    BeforeSending,
    /// Neither side receives anything any more, nor the end of the connection.
    Silently,
}

/// A proxy that runs until it is dropped, and keeps its server.
#[derive(Debug)]
pub(crate) struct FaultyProxy {
    port: u16,
    next: Arc<Mutex<Option<(String, CutPoint)>>>,
    _server: Server,
    _end: oneshot::Sender<()>,
}

impl FaultyProxy {
    pub(crate) async fn to(server: Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let next = Arc::new(Mutex::new(None));
        let (end, mut ended) = oneshot::channel();
        let (socket, cuts) = (server.socket(), next.clone());
        tokio::spawn(async move {
            loop {
                let (client, _) = tokio::select! {
                    _ = &mut ended => break,
                    accepted = listener.accept() => accepted.unwrap(),
                };
                let (socket, cuts) = (socket.clone(), cuts.clone());
                tokio::spawn(async move {
                    // A lost server is treated like a cut connection.
                    if let Ok(server) = UnixStream::connect(socket).await {
                        carry(client, server, &cuts).await;
                    }
                });
            }
        });
        Self {
            port,
            next,
            _server: server,
            _end: end,
        }
    }

    /// The address of a database of that server through the proxy. Prepared statements are disabled, so that every statement
    /// passes as text.
    pub(crate) fn url(&self, url: &str) -> String {
        let (place, _) = url.split_once('?').unwrap();
        let place = place.replace(":///", &format!("://postgres@127.0.0.1:{}/", self.port));
        format!("{place}?sslmode=disable&statement-cache-capacity=0")
    }

    /// Cuts the connection on which this text passes next.
    pub(crate) fn cut_at(&self, words: &str, cut: CutPoint) {
        *self.next.lock().unwrap() = Some((words.to_owned(), cut));
    }
}

async fn carry(client: TcpStream, server: UnixStream, next: &Mutex<Option<(String, CutPoint)>>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::spawn(async move {
        // Either side may be cut off.
        let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
    });
    let mut buffer = vec![0; 1 << 20];
    while let Ok(n @ 1..) = from_client.read(&mut buffer).await {
        let text = String::from_utf8_lossy(&buffer[..n]);
        let cut = next
            .lock()
            .unwrap()
            .take_if(|(words, _)| text.contains(words.as_str()));
        match cut {
            None => {
                if to_server.write_all(&buffer[..n]).await.is_err() {
                    break;
                }
            }
            Some((_, CutPoint::AfterSending)) => {
                back.abort();
                // Waits for the response without forwarding it, so that the statement was executed.
                let _ = back.await;
                to_server.write_all(&buffer[..n]).await.unwrap();
                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
                return;
            }
            Some((_, CutPoint::BeforeSending)) => break,
            Some((_, CutPoint::Silently)) => {
                back.abort();
                // Until the client gives up.
                while let Ok(1..) = from_client.read(&mut buffer).await {}
                return;
            }
        }
    }
    back.abort();
}
