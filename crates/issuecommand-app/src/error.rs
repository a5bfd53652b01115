//! Why a program could not start or had to end, each as one sentence that says what to do.

use std::io;
use std::net::SocketAddr;

use issuecommand_config::SettingsError;
use issuecommand_core::domain::failure::StoreError;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A setting is missing or wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Settings that the program cannot do without are missing; more than one.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Missing(Vec<SettingsError>),
    /// What kept the program from starting was told already.
    #[error("the program could not start")]
    Explained,
    /// The database could not be opened or used.
    #[error("{}", store_words(.0))]
    Store(#[from] StoreError),
    /// The GitHub client could not be made.
    #[error("{0}")]
    Github(String),
    /// A key could not be made or taken back.
    #[error("{0}")]
    Key(String),
    /// The address could not be bound.
    #[error(
        "cannot listen on {address}: {cause}; set HTTP_HOST and HTTP_PORT to an address of this machine and a free port"
    )]
    Bind {
        /// The address that was to be listened on.
        address: SocketAddr,
        /// What the operating system answered.
        cause: io::Error,
    },
    /// The port is taken, and HTTP is all that the program has.
    #[error("port {port} is taken by {holder}; stop that process or set HTTP_PORT to another port")]
    PortTaken {
        /// The port.
        port: u16,
        /// Who has it.
        holder: &'static str,
    },
    /// No MCP client came, and the port is taken, so that there is nobody to serve.
    #[error(
        "standard input ended before an MCP client spoke, and port {port} is taken by {holder}, so that HTTP cannot be served \
         either. For MCP let a client start this program; for HTTP stop that process or set HTTP_PORT to another port"
    )]
    Unneeded {
        /// The port.
        port: u16,
        /// Who has it.
        holder: &'static str,
    },
    /// The port is held by an IssueCommand on another database.
    #[error("{0}")]
    OtherDatabase(String),
    /// The database was replaced, removed or restored under the running program.
    #[error("the database was given up: {0}")]
    Fenced(String),
    /// HTTP ended by itself.
    #[error("HTTP ended: {0}")]
    Serve(io::Error),
    /// A second signal came while what ran was being finished.
    #[error("ended before everything was finished, as the second signal asked")]
    Interrupted,
    /// An operator's command could not do what it was asked for.
    #[error("{0}")]
    Command(String),
    /// So many checks of `doctor` failed.
    #[error("{0} checks failed")]
    ChecksFailed(usize),
    /// Something on this machine did not work.
    #[error("{what}: {}", io_words(cause))]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        cause: io::Error,
    },
}

/// What is wrong with the database, for an operator: the reasons that a store gives are sentences of their own.
pub(crate) fn store_words(error: &StoreError) -> String {
    match error {
        StoreError::Unavailable(reason) => reason.clone(),
        other => other.to_string(),
    }
}

/// What the operating system answered, for an operator, without its number of the error.
pub(crate) fn io_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AlreadyExists => {
            "it is there already, and nothing is overwritten".to_owned()
        }
        io::ErrorKind::IsADirectory => "it is a folder, and a file is needed".to_owned(),
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::NotADirectory => "a part of the path is a file and not a folder".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        _ => error.to_string(),
    }
}
