//! A receiver of notifications that answers as it is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

/// A receiver; it ends with the runtime of its test.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
    connections: Arc<Mutex<usize>>,
}

impl Receiver {
    /// One that gives this answer to each request; `None` for none at all.
    pub(crate) async fn answering(answer: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            connections: Arc::default(),
        };
        let there = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *there.connections.lock().unwrap() += 1;
                tokio::spawn(there.clone().serve(stream, answer.clone()));
            }
        });
        receiver
    }

    /// One that answers with this status and these headers.
    pub(crate) async fn with(status: &str, headers: &str) -> Self {
        let answer = format!(
            "HTTP/1.1 {status}\r\n{headers}content-length: 4\r\nconnection: close\r\n\r\nbody"
        );
        Self::answering(Some(answer)).await
    }

    async fn serve(self, mut stream: TcpStream, answer: Option<String>) {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        let request = loop {
            let Ok(n) = stream.read(&mut buffer).await else {
                return;
            };
            bytes.extend_from_slice(&buffer[..n]);
            if let Some(request) = parse(&bytes) {
                break request;
            }
            if n == 0 {
                return;
            }
        };
        self.seen.lock().unwrap().push(request);
        match answer {
            Some(answer) => {
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
            None => std::future::pending().await,
        }
    }

    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

/// A whole request, once all of it is there.
fn parse(bytes: &[u8]) -> Option<Request> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_owned(), value.trim().to_owned()))
    };
    let request = Request {
        path,
        headers: lines.filter_map(header).collect(),
        body: body.to_owned(),
    };
    let length: usize = request.header("content-length").parse().unwrap_or(0);
    (request.body.len() >= length).then_some(request)
}
