//! What GitHub said of accounts' rights.

use crate::domain::time::Timestamp;

/// GitHub's answer about an account's right to write to a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// The repository's name key. Under another name GitHub is asked again.
    pub repo: String,
    /// The account's login, in lower case.
    pub login: String,
    /// Whether it may write.
    pub may: bool,
    /// When GitHub was asked.
    pub at: Timestamp,
}

/// The login of the credential's own user. There is one row at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLogin(pub String);
