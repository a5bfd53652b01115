//! The server that an entry names: a program of this machine, or an address.

/// The environment variable that holds the key of a remote service.
pub const KEY_VARIABLE: &str = "ISSUECOMMAND_KEY";

/// What a client must start or call.
#[derive(Clone, Debug)]
pub enum Server {
    /// A program that speaks MCP on standard input and output.
    Stdio(Launch),
    /// A service that speaks MCP over HTTP.
    Remote {
        /// The absolute path of this program, for hooks.
        program: String,
        /// The address of MCP, usually with the path `/mcp`.
        url: String,
        /// The key, for clients that can only be given the key itself.
        key: Option<String>,
    },
}

/// How a program is started.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// The program's absolute path: clients with a screen have another PATH than a terminal.
    pub program: String,
    /// The words of the command line that come before a subcommand, such as `--config FILE`.
    pub args: Vec<String>,
    /// Settings that are no secrets, with their values.
    pub env: Vec<(String, String)>,
    /// What comes from the environment. Clients that start servers with less than their own environment are told to hand these
    /// through.
    pub pass: Vec<Variable>,
}

/// A variable of the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name: `GITHUB_TOKEN`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Whether it is set now. One that is not may be set when the client starts.
    pub is_set: bool,
}

/// What a variable is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A setting whose value must not be written anywhere.
    Secret,
    /// A setting with its value now.
    Setting(String),
    /// No setting, but the program or one that it runs reads it: a proxy, the folder of `gh`.
    Outside,
    /// A name of one process, which must not be given to all.
    OfProcess,
}

impl Variable {
    /// Whether its value must not be written anywhere.
    pub fn is_secret(&self) -> bool {
        self.kind == Kind::Secret
    }

    /// Whether the service needs it, and it is not there.
    pub fn is_missing(&self) -> bool {
        self.is_secret() && !self.is_set
    }
}
