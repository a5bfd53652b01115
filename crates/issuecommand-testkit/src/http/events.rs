//! A reader of a stream of server-sent events.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::{TIMEOUT, push_headers};

/// One event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerEvent {
    /// The id to resume from, if the event has one.
    pub id: Option<String>,
    /// The event type.
    pub event: String,
    /// Its JSON.
    pub data: Value,
}

/// An open stream.
#[derive(Debug)]
pub struct EventStream {
    /// The head of the response.
    pub head: String,
    lines: BufReader<TcpStream>,
}

impl EventStream {
    /// Opens a stream. It uses HTTP/1.0, so that the body has no chunk framing, and a small receive window, so that the server
    /// soon notices a slow reader.
    ///
    /// # Panics
    /// If there is no connection, or no complete head within a minute.
    pub async fn open(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small window");
        let mut stream = socket.connect(address).await.expect("a connection");
        let mut request = format!("GET {path} HTTP/1.0\r\nHost: test\r\n");
        push_headers(&mut request, headers);
        request.push_str("\r\n");
        let sent = stream.write_all(request.as_bytes()).await;
        sent.expect("the request is sent");
        let mut lines = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = timeout(TIMEOUT, lines.read_line(&mut head)).await;
            let read = read.expect("a head in time").expect("a head");
            assert_ne!(read, 0, "{head}");
        }
        Self { head, lines }
    }

    /// The next event; `None` when the server ended the stream.
    ///
    /// # Panics
    /// If none arrives within a minute, or its data is not JSON.
    pub async fn next(&mut self) -> Option<ServerEvent> {
        let (mut id, mut event, mut data) = (None, String::new(), String::new());
        loop {
            let mut line = String::new();
            let read = timeout(TIMEOUT, self.lines.read_line(&mut line)).await;
            let read = read.expect("a line in time").unwrap_or(0);
            // An incomplete line was cut off.
            if read == 0 || !line.ends_with('\n') {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("id", text)) => id = Some(text.to_owned()),
                Some(("event", text)) => event = text.to_owned(),
                Some(("data", text)) => data = text.to_owned(),
                Some(other) => panic!("{other:?}"),
                None => {
                    let data = serde_json::from_str(&data).expect("JSON");
                    return Some(ServerEvent { id, event, data });
                }
            }
        }
    }

    /// The next event that is not a ping.
    ///
    /// # Panics
    /// If the stream ends before; see also [`Self::next`].
    pub async fn event(&mut self) -> ServerEvent {
        loop {
            let next = self.next().await.expect("the stream goes on");
            if next.event != "ping" {
                return next;
            }
        }
    }
}
