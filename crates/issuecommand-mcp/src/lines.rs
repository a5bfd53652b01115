//! The transport: one JSON-RPC message a line, in both directions.
//!
//! It replaces rmcp's own for what that does with a line that it cannot read: it drops it, and the client waits until its own
//! time-out. Here
//!
//! - half a surrogate pair is read as U+FFFD;
//! - any other line that is no message is answered by an error that says what is wrong with it, under its id if that can still
//!   be found and under `null` if not, and reading goes on;
//! - a line over the limit is skipped to its end without being kept;
//! - no more is read while too many calls are unanswered, which includes answers that the client does not read (`calls`);
//! - a request whose id belongs to one that is not answered yet waits for that answer, since two of one id get one.

mod calls;
mod decode;
mod id;
mod input;
mod output;

use std::future::Future;
use std::io;

use rmcp::model::{ClientJsonRpcMessage, ErrorCode, JsonRpcMessage, ServerJsonRpcMessage};
use rmcp::service::RoleServer;
use rmcp::transport::Transport;
use tokio::io::{AsyncRead, AsyncWrite};

pub(crate) use self::calls::Calls;
pub(crate) use self::decode::{BODY, Decoded, decode};
use self::decode::{LINE, too_long};
use self::input::{Input, Line};
use self::output::Output;

/// The longest line that is read, in bytes. rmcp has the same limit on every transport.
const LIMIT: usize = 16 * 1024 * 1024;

/// A client on a pair of byte streams.
pub(crate) struct Lines<R, W> {
    input: Input<R>,
    output: Output<W>,
    calls: Calls,
    /// A request was read: there is a client.
    has_client: bool,
    /// The warning that the input is no MCP was logged.
    warned: bool,
    /// A message that was read, with the length of its line.
    read: Option<(Box<ClientJsonRpcMessage>, usize)>,
    /// Answers to lines that are no message, to be written before anything else is read.
    refusals: Vec<u8>,
}

impl<R, W> Lines<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    pub(crate) fn new(input: R, output: W, calls: Calls) -> Self {
        Self {
            input: Input::new(input, LIMIT),
            output: Output::new(output),
            calls,
            has_client: false,
            warned: false,
            read: None,
            refusals: Vec::new(),
        }
    }

    /// Warns that the input is no MCP, as when commands are typed into the terminal that the program runs in.
    fn warn(&mut self) {
        if !self.has_client && !std::mem::replace(&mut self.warned, true) {
            tracing::warn!(
                name: "mcp.no_messages",
                "what comes on standard input is no MCP: type commands into another terminal"
            );
        }
    }

    fn refuse(&mut self, line: &str) {
        self.refusals.extend_from_slice(line.as_bytes());
        self.refusals.push(b'\n');
    }
}

/// Makes a sentence of the error on a method that is not here, of which rmcp tells the name alone.
fn name_method(message: &mut ServerJsonRpcMessage) {
    let JsonRpcMessage::Error(answer) = message else {
        return;
    };
    if answer.error.code != ErrorCode::METHOD_NOT_FOUND {
        return;
    }
    answer.error.message = no_such_method(&answer.error.message).into();
}

/// The sentence. The method is repeated up to the length of a method's name.
pub(crate) fn no_such_method(name: &str) -> String {
    let name: String = name.chars().take(64).collect();
    format!(
        "There is no method {name:?} here: this server has tools, resources and prompts, by tools/list, tools/call, resources/list, \
         resources/templates/list, resources/read, prompts/list and prompts/get."
    )
}

impl<R, W> Transport<RoleServer> for Lines<R, W>
where
    R: AsyncRead + Send + Unpin,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = io::Error;

    fn send(
        &mut self,
        mut message: ServerJsonRpcMessage,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let (output, calls) = (self.output.clone(), self.calls.clone());
        name_method(&mut message);
        // At once, before the next line is read: it may be a cancellation.
        let id = calls.sending(&message);
        async move {
            let line = serde_json::to_vec(&message);
            // It may wait for its client for long; only the line does.
            drop(message);
            let sent = match line {
                Ok(mut line) => {
                    line.push(b'\n');
                    output.send(&mut line).await
                }
                Err(error) => Err(error.into()),
            };
            // A client that cannot be written to has no answers to wait for.
            if let Some(id) = &id {
                calls.answered(id);
            }
            sent
        }
    }

    // Safe to drop while it waits, as rmcp needs it: what was read of a line stays in `input`, a message in `read`, and an
    // answer moves from `refusals` to `output` in one step.
    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            if let Some((message, _)) = &self.read {
                if let JsonRpcMessage::Request(request) = &**message {
                    self.calls.wait_for_id(&request.id).await;
                }
                let (message, bytes) = self.read.take()?;
                self.has_client |= matches!(*message, JsonRpcMessage::Request(_));
                self.calls.received(&message, bytes);
                return Some(*message);
            }
            self.output.send(&mut self.refusals).await.ok()?;
            self.calls.wait_for_room().await;
            let line = match self.input.next().await {
                Ok(line) => line?,
                Err(error) => {
                    tracing::warn!(name: "mcp.input_broken", %error, "the input cannot be read");
                    return None;
                }
            };
            let (decoded, bytes) = match line {
                Line::Whole(line) => (decode(&line, &LINE), line.len()),
                Line::TooLong(id) => (Decoded::Refused(vec![too_long(LIMIT, id.as_ref())]), 0),
            };
            match decoded {
                Decoded::Message(message) => self.read = Some((message, bytes)),
                Decoded::Nothing => {}
                Decoded::Refused(lines) => {
                    self.warn();
                    for line in &lines {
                        self.refuse(line);
                    }
                }
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        self.output.close().await;
        Ok(())
    }
}
