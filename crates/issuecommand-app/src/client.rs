//! The state of the MCP client on standard input.

/// Whether this process has an MCP client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// A client may still connect.
    Awaited,
    /// A client has sent a request.
    Here,
    /// No client will connect: standard input has ended, or the program has no MCP.
    Never,
}
