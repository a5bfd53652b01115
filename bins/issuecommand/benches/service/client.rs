//! A minimal HTTP/1.1 client, because it shares two processors with the program that it loads.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::process::KEY;

/// One persistent connection.
pub(crate) struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            request: Vec::new(),
            answer: vec![0; 64 * 1024],
        })
    }

    /// The status and the body of the response.
    pub(crate) async fn get(&mut self, path: &str) -> io::Result<(u16, &[u8])> {
        self.send("GET", path, "").await
    }

    /// The same with a body.
    pub(crate) async fn post(&mut self, path: &str, body: &str) -> io::Result<(u16, &[u8])> {
        self.send("POST", path, body).await
    }

    async fn send(&mut self, method: &str, path: &str, body: &str) -> io::Result<(u16, &[u8])> {
        use std::io::Write as _;
        self.request.clear();
        write!(
            self.request,
            "{method} {path} HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer {KEY}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        self.stream.write_all(&self.request).await?;
        let mut filled = 0;
        loop {
            if filled == self.answer.len() {
                self.answer.resize(filled * 2, 0);
            }
            let read = self.stream.read(&mut self.answer[filled..]).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            filled += read;
            if let Some((status, from, to)) = whole(&self.answer[..filled]) {
                return Ok((status, &self.answer[from..to]));
            }
        }
    }
}

/// Status and bounds of the body, once it is complete.
fn whole(answer: &[u8]) -> Option<(u16, usize, usize)> {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&answer[..head]).ok()?;
    let status = text.get(9..12)?.parse().ok()?;
    let length: usize = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))?
        .parse()
        .ok()?;
    let end = head + 4 + length;
    (answer.len() >= end).then_some((status, head + 4, end))
}
