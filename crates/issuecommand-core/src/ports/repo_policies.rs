//! The port for reading a repository's policy. Core does not know the format of the file.

use std::fmt;

use crate::domain::repo_policy::RepoPolicy;

/// Reads the file with a repository's policy.
pub trait RepoPolicyReader: Send + Sync + fmt::Debug {
    /// Reads the text of the file.
    ///
    /// # Errors
    /// Why it is not taken: the line, what is wrong there, and what is allowed.
    fn read(&self, text: &str) -> Result<RepoPolicy, String>;
}
