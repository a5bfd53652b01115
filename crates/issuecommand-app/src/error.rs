//! Why a program could not start or had to end. Each error is one sentence that says what to do.

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
    /// Several required settings are missing.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Missing(Vec<SettingsError>),
    /// The MCP client was already told the reason.
    #[error("the program could not start")]
    Explained,
    /// The database could not be opened or used.
    #[error("{}", store_words(.0))]
    Store(#[from] StoreError),
    /// The GitHub client could not be made.
    #[error("{0}")]
    Github(String),
    /// A key could not be created or revoked.
    #[error("{0}")]
    Key(String),
    /// The address could not be bound.
    #[error(
        "cannot listen on {address}: {cause}; set HTTP_HOST and HTTP_PORT to an address of this machine and a free port"
    )]
    Bind {
        /// The requested address.
        address: SocketAddr,
        /// The error of the operating system.
        cause: io::Error,
    },
    /// The port is taken, and the program has only HTTP.
    #[error("port {port} is taken by {holder}; stop that process or set HTTP_PORT to another port")]
    PortTaken {
        /// `HTTP_PORT`.
        port: u16,
        /// The kind of program that has it.
        holder: &'static str,
    },
    /// No MCP client connected, and the port is taken, so the program has nothing to serve.
    #[error(
        "standard input ended before an MCP client spoke, and port {port} is taken by {holder}, so that HTTP cannot be served \
         either. For MCP let a client start this program; for HTTP stop that process or set HTTP_PORT to another port"
    )]
    Unneeded {
        /// `HTTP_PORT`.
        port: u16,
        /// The kind of program that has it.
        holder: &'static str,
    },
    /// The port is held by an IssueCommand on another database.
    #[error("{0}")]
    OtherDatabase(String),
    /// The database was replaced, removed or restored under the running program.
    #[error("the database was given up: {0}")]
    Fenced(String),
    /// The HTTP server ended with an error.
    #[error("HTTP ended: {0}")]
    Serve(io::Error),
    /// A second signal arrived during the shutdown.
    #[error("ended before everything was finished, as the second signal asked")]
    Interrupted,
    /// An operator's command failed.
    #[error("{0}")]
    Command(String),
    /// A service elsewhere does not answer now, and may again.
    #[error("{0}")]
    Away(String),
    /// This many checks of `doctor` failed.
    #[error("{0} checks failed")]
    ChecksFailed(usize),
    /// A local operation failed.
    #[error("{what}: {}", io_words(cause))]
    Io {
        /// What could not be done, as the beginning of the message.
        what: String,
        /// The error of the operating system.
        cause: io::Error,
    },
}

/// The message of a database error for an operator. The reasons of a store are already sentences.
pub(crate) fn store_words(error: &StoreError) -> String {
    match error {
        StoreError::Unavailable(reason) => reason.clone(),
        other => other.to_string(),
    }
}

/// The message of the operating system, without its error number.
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
