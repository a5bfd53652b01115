//! Which of the three programs runs.

/// The surfaces that a program has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// MCP on stdio and HTTP in one.
    Combined,
    /// MCP on stdio alone.
    Mcp,
    /// HTTP alone.
    Http,
}

impl Role {
    pub(crate) fn has_http(self) -> bool {
        matches!(self, Self::Combined | Self::Http)
    }

    /// Whether there is never more than one client. There are as many such processes as clients on a machine, most of them idle:
    /// each does with one thread of its own, and few connections to a file.
    pub(crate) fn serves_one(self) -> bool {
        self == Self::Mcp
    }

    pub(crate) fn has_mcp(self) -> bool {
        matches!(self, Self::Combined | Self::Mcp)
    }
}
