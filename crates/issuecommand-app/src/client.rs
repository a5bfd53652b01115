//! What is known of the MCP client on standard input.

/// Whether this process has an MCP client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// One may still come.
    Awaited,
    /// One is here.
    Here,
    /// None will come: standard input has ended, or this program has no MCP.
    Never,
}
