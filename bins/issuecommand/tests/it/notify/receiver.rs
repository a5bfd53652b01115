//! A receiver of notifications, which answers with one status or not at all.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// See the module. Its threads end with the test's process.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
    /// 0 for no answer.
    status: Arc<AtomicU16>,
}

impl Receiver {
    pub(crate) fn silent() -> Self {
        Self::answering(0)
    }

    pub(crate) fn answering(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            status: Arc::new(AtomicU16::new(status)),
        };
        let (seen, status) = (Arc::clone(&receiver.seen), Arc::clone(&receiver.status));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, status) = (Arc::clone(&seen), Arc::clone(&status));
                thread::spawn(move || serve(stream, &seen, &status));
            }
        });
        receiver
    }

    /// Answers requests that come from now on with this status.
    pub(crate) fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// The `webhook-id` of each request.
    pub(crate) fn ids(&self) -> Vec<String> {
        let id = |request: &Request| {
            let mut headers = request.headers.iter();
            let found = headers.find(|(name, _)| name == "webhook-id");
            found.map_or_else(String::new, |(_, value)| value.clone())
        };
        self.requests().iter().map(id).collect()
    }

    pub(crate) fn bodies(&self) -> Vec<Value> {
        let body = |request: &Request| serde_json::from_str(&request.body).unwrap();
        self.requests().iter().map(body).collect()
    }
}

/// Answers the requests of a connection, one after the other.
fn serve(stream: TcpStream, seen: &Mutex<Vec<Request>>, status: &AtomicU16) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length: usize = length
            .and_then(|(_, value)| value.parse().ok())
            .unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let body = String::from_utf8(body).ok()?;
        seen.lock().unwrap().push(Request { headers, body });
        match status.load(Ordering::SeqCst) {
            0 => {
                // Until the other side hangs up.
                let _ = reader.read(&mut [0]);
                return None;
            }
            status => {
                write!(writer, "HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n").ok()?;
            }
        }
    }
}
