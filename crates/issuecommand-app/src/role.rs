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

    pub(crate) fn has_mcp(self) -> bool {
        matches!(self, Self::Combined | Self::Mcp)
    }
}
