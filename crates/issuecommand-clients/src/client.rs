//! The clients, and what each can do.

use std::fmt;

/// An MCP client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Client {
    /// Claude Code.
    ClaudeCode,
    /// Claude Desktop.
    ClaudeDesktop,
    /// Codex.
    Codex,
    /// Cursor.
    Cursor,
    /// VS Code with Copilot.
    VsCode,
    /// Gemini CLI.
    Gemini,
    /// OpenCode.
    OpenCode,
    /// Copilot CLI.
    Copilot,
    /// Zed.
    Zed,
    /// Devin Desktop, which was Windsurf.
    Devin,
}

/// For whom an entry holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All projects of a user.
    User,
    /// The project in the working folder.
    Project,
}

impl Client {
    /// All, in the order in which they are listed.
    pub const ALL: [Self; 10] = [
        Self::ClaudeCode,
        Self::ClaudeDesktop,
        Self::Codex,
        Self::Cursor,
        Self::VsCode,
        Self::Gemini,
        Self::OpenCode,
        Self::Copilot,
        Self::Zed,
        Self::Devin,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::ClaudeDesktop => "claude-desktop",
            Self::Codex => "codex",
            Self::Cursor => "cursor",
            Self::VsCode => "vscode",
            Self::Gemini => "gemini",
            Self::OpenCode => "opencode",
            Self::Copilot => "copilot",
            Self::Zed => "zed",
            Self::Devin => "devin",
        }
    }

    /// The client of a name on the command line.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|client| client.name() == name)
    }

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::ClaudeCode => "Claude Code",
            Self::ClaudeDesktop => "Claude Desktop",
            Self::Codex => "Codex",
            Self::Cursor => "Cursor",
            Self::VsCode => "VS Code",
            Self::Gemini => "Gemini CLI",
            Self::OpenCode => "OpenCode",
            Self::Copilot => "Copilot CLI",
            Self::Zed => "Zed",
            Self::Devin => "Devin Desktop",
        }
    }

    /// The client's own command that says what it knows of an entry, for clients that have one.
    pub fn own_check(self) -> Option<&'static [&'static str]> {
        match self {
            Self::ClaudeCode => Some(&["claude", "mcp", "get", "issuecommand"]),
            Self::Codex => Some(&["codex", "mcp", "get", "issuecommand", "--json"]),
            Self::Gemini => Some(&["gemini", "mcp", "list"]),
            Self::OpenCode => Some(&["opencode", "mcp", "list"]),
            Self::Copilot => Some(&["copilot", "mcp", "list", "--json"]),
            Self::ClaudeDesktop | Self::Cursor | Self::VsCode | Self::Zed | Self::Devin => None,
        }
    }

    /// What a user must do or know after the entry was written.
    pub fn afterwards(self, scope: Scope) -> Option<&'static str> {
        match (self, scope) {
            (Self::ClaudeCode, Scope::Project) => {
                Some("Claude Code asks once whether it may start a server of a project; say yes.")
            }
            (Self::Codex, Scope::Project) => Some(
                "Codex reads .codex of trusted projects alone: start `codex` in this folder once, and say that you trust it.",
            ),
            (Self::Gemini, _) => Some(
                "Gemini CLI starts no server in a folder that it does not trust: /permissions.",
            ),
            (Self::ClaudeDesktop | Self::Zed | Self::Cursor | Self::Devin, _) => {
                Some("Restart it, or reload its MCP servers, to make it read the file.")
            }
            (Self::ClaudeCode | Self::Codex, Scope::User)
            | (Self::VsCode | Self::OpenCode | Self::Copilot, _) => None,
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}
