//! The transport: one JSON-RPC message a line, in both directions.
//!
//! It replaces rmcp's own for what that does with a line that it cannot read: it drops it, and the client waits until its own
//! time-out. Here
//!
//! - half a surrogate pair is read as U+FFFD;
//! - any other line that is no message is answered by an error that says what is wrong with it, under its id if that can still
//!   be found and under `null` if not, and reading goes on;
//! - a line over the limit is skipped to its end without being kept;
//! - no more is read while too many calls are unanswered, which includes answers that the client does not read.

mod calls;
mod decode;
mod id;
mod input;
mod output;

use std::future::Future;
use std::io;

use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::service::RoleServer;
use rmcp::transport::Transport;
use tokio::io::{AsyncRead, AsyncWrite};

use self::calls::Calls;
use self::decode::{Decoded, decode, too_long};
use self::input::{Input, Line};
use self::output::Output;

/// The longest line that is read, in bytes. rmcp has the same limit on every transport.
const LIMIT: usize = 16 * 1024 * 1024;

/// A client on a pair of byte streams.
pub(crate) struct Lines<R, W> {
    input: Input<R>,
    output: Output<W>,
    calls: Calls,
    /// Answers to lines that are no message, to be written before anything else is read.
    refusals: Vec<u8>,
}

impl<R, W> Lines<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    pub(crate) fn new(input: R, output: W) -> Self {
        Self {
            input: Input::new(input, LIMIT),
            output: Output::new(output),
            calls: Calls::default(),
            refusals: Vec::new(),
        }
    }

    fn refuse(&mut self, line: &str) {
        self.refusals.extend_from_slice(line.as_bytes());
        self.refusals.push(b'\n');
    }
}

impl<R, W> Transport<RoleServer> for Lines<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = io::Error;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let (output, calls) = (self.output.clone(), self.calls.clone());
        async move {
            let mut line = serde_json::to_vec(&message)?;
            line.push(b'\n');
            let sent = output.send(&mut line).await;
            // A client that cannot be written to has no answers to wait for.
            calls.answered(&message);
            sent
        }
    }

    // Safe to drop while it waits, as rmcp needs it: what was read of a line stays in `input`, and an answer moves from
    // `refusals` to `output` in one step.
    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            self.output.send(&mut self.refusals).await.ok()?;
            self.calls.room().await;
            let line = match self.input.next().await {
                Ok(line) => line?,
                Err(error) => {
                    tracing::warn!(name: "mcp.input_broken", %error, "the input cannot be read");
                    return None;
                }
            };
            let decoded = match line {
                Line::Whole(line) => decode(&line),
                Line::TooLong(id) => Decoded::Refused(vec![too_long(LIMIT, id.as_ref())]),
            };
            match decoded {
                Decoded::Message(message) => {
                    self.calls.asked(&message);
                    return Some(*message);
                }
                Decoded::Nothing => {}
                Decoded::Refused(lines) => lines.iter().for_each(|line| self.refuse(line)),
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        self.output.close().await;
        Ok(())
    }
}
