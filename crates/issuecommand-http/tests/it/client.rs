//! A client that can say anything, also what a well-behaved one never would.

pub(crate) mod http2;

use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The body, without the request's id, which a failure names and which is another each time.
    pub(crate) fn json(&self) -> Value {
        let mut body: Value =
            serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"));
        if body["ok"] == false && body["error"].is_string() {
            let id = body.as_object_mut().unwrap().remove("request_id");
            assert_eq!(
                id.unwrap(),
                self.header("x-request-id").unwrap(),
                "{self:?}"
            );
        }
        body
    }
}

/// Sends bytes and reads until the server closes.
pub(crate) async fn exchange(address: SocketAddr, request: &[u8]) -> Reply {
    let talk = async {
        let (mut reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
        writer.write_all(request).await.unwrap();
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).await.unwrap();
        bytes
    };
    let bytes = timeout(PATIENCE, talk)
        .await
        .expect("the server answers and closes");
    let split = bytes
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .expect("a head");
    let head = String::from_utf8(bytes[..split].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Reply {
        status,
        head,
        body: bytes[split + 4..].to_vec(),
    }
}

/// A request with these headers and this body, to be answered once.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").unwrap();
    }
    write!(text, "Content-Length: {}\r\n\r\n", body.len()).unwrap();
    [text.as_bytes(), body].concat()
}

/// One block of a stream of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) id: Option<String>,
    pub(crate) event: String,
    pub(crate) data: Value,
}

#[derive(Debug)]
pub(crate) struct EventStream {
    pub(crate) head: String,
    lines: BufReader<TcpStream>,
}

impl EventStream {
    /// Opens a stream. HTTP/1.0, so that the body comes without the frames of chunks.
    pub(crate) async fn open(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        // A small window, so that a reader which does not read is soon felt by the server.
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        let mut text = format!("GET {path} HTTP/1.0\r\nHost: test\r\n");
        for (name, value) in headers {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        stream
            .write_all(format!("{text}\r\n").as_bytes())
            .await
            .unwrap();
        let mut lines = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = timeout(PATIENCE, lines.read_line(&mut head))
                .await
                .expect("a head in time")
                .unwrap();
            assert_ne!(read, 0, "{head}");
        }
        Self { head, lines }
    }

    /// The next block; `None` when the server ended the stream.
    pub(crate) async fn next(&mut self) -> Option<Told> {
        let (mut id, mut event, mut data) = (None, String::new(), String::new());
        loop {
            let mut line = String::new();
            let read = timeout(PATIENCE, self.lines.read_line(&mut line))
                .await
                .expect("a line in time");
            // A line that is cut off is none.
            if read.unwrap_or(0) == 0 || !line.ends_with('\n') {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("id", text)) => id = Some(text.to_owned()),
                Some(("event", text)) => event = text.to_owned(),
                Some(("data", text)) => data = text.to_owned(),
                Some(other) => panic!("{other:?}"),
                None => {
                    return Some(Told {
                        id,
                        event,
                        data: serde_json::from_str(&data).unwrap(),
                    });
                }
            }
        }
    }

    /// The next event, whatever pings come before it.
    pub(crate) async fn event(&mut self) -> Told {
        loop {
            let told = self.next().await.expect("the stream goes on");
            if told.event != "ping" {
                return told;
            }
        }
    }
}
