//! A reader of the event stream.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::http::{Http, PATIENCE};

/// One event.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) event: String,
    pub(crate) data: Value,
}

pub(crate) struct Stream(BufReader<TcpStream>);

impl Stream {
    /// Opens a stream, after this event.
    pub(crate) async fn open(http: &Http, last: Option<&str>) -> Self {
        let stream = TcpStream::connect(http.address()).await.unwrap();
        let mut lines = BufReader::new(stream);
        let resume = last.map(|id| format!("Last-Event-ID: {id}\r\n"));
        // HTTP/1.0, so that the body comes without the frames of chunks.
        let head = format!(
            "GET /sse HTTP/1.0\r\nHost: test\r\nAuthorization: Bearer key\r\n{}\r\n",
            resume.unwrap_or_default()
        );
        lines.write_all(head.as_bytes()).await.unwrap();
        let mut stream = Self(lines);
        assert!(stream.line().await.contains("200"));
        while !stream.line().await.is_empty() {}
        stream
    }

    /// The next event, whatever pings come before it.
    pub(crate) async fn next(&mut self) -> Told {
        let mut told = Told {
            id: String::new(),
            event: String::new(),
            data: Value::Null,
        };
        loop {
            let line = self.line().await;
            match line.split_once(": ") {
                Some(("id", id)) => id.clone_into(&mut told.id),
                Some(("event", event)) => event.clone_into(&mut told.event),
                Some(("data", data)) => told.data = serde_json::from_str(data).unwrap(),
                Some(_) => panic!("{line}"),
                None if told.event == "ping" => {}
                None => return told,
            }
        }
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = tokio::time::timeout(PATIENCE, self.0.read_line(&mut line));
        let read = read.await.expect("a line in time").unwrap();
        assert_ne!(read, 0, "the stream ended");
        line.trim_end().to_owned()
    }
}
