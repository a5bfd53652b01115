//! The name of a repository, `owner/name`.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::domain::id::RepoId;

/// `owner/name`, compared without case, displayed as GitHub spells it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepoName {
    shown: String,
    key: String,
}

/// The error for a text that is not a [`RepoName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("repo must be owner/name, of letters, digits, '-', '_' and '.'")]
pub struct BadRepoName;

/// The owner in the placeholder for an unknown name. No GitHub login has a dot.
const UNNAMED: &str = "renamed.repository";

impl RepoName {
    /// A placeholder for a repository that lost its name to another one, until GitHub shows its new name.
    pub fn unnamed(repo: RepoId) -> Self {
        let shown = format!("{UNNAMED}/{}", repo.0);
        let key = shown.clone();
        Self { shown, key }
    }

    /// Whether this is such a placeholder, with which GitHub cannot be asked.
    pub fn is_unnamed(&self) -> bool {
        self.owner() == UNNAMED
    }

    /// Parses `owner/name`.
    ///
    /// # Errors
    /// [`BadRepoName`] if a half is missing, is `.` or `..`, is longer than 100 bytes, or has a character that GitHub does not
    /// allow.
    pub fn parse(text: &str) -> Result<Self, BadRepoName> {
        let (owner, name) = text.trim().split_once('/').ok_or(BadRepoName)?;
        Self::new(owner, name)
    }

    /// Joins the two halves.
    ///
    /// # Errors
    /// Like [`RepoName::parse`].
    pub fn new(owner: &str, name: &str) -> Result<Self, BadRepoName> {
        let good = |part: &str| {
            !part.is_empty()
                && part.len() <= 100
                && part != "."
                && part != ".."
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        if !good(owner) || !good(name) {
            return Err(BadRepoName);
        }
        let shown = format!("{owner}/{name}");
        let key = shown.to_ascii_lowercase();
        Ok(Self { shown, key })
    }

    /// The lower-case name, which stores compare and index.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The name as GitHub spells it.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// The half before the slash.
    pub fn owner(&self) -> &str {
        self.shown.split_once('/').map_or("", |(owner, _)| owner)
    }

    /// The half after the slash.
    pub fn name(&self) -> &str {
        self.shown.split_once('/').map_or("", |(_, name)| name)
    }
}

impl PartialEq for RepoName {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl Eq for RepoName {}
impl PartialOrd for RepoName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for RepoName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}
impl Hash for RepoName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}
impl fmt::Display for RepoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}
impl TryFrom<String> for RepoName {
    type Error = BadRepoName;
    fn try_from(text: String) -> Result<Self, BadRepoName> {
        Self::parse(&text)
    }
}
impl From<RepoName> for String {
    fn from(name: RepoName) -> Self {
        name.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_case_and_refuse_what_github_refuses() {
        let name = RepoName::parse(" Acme/Api ").unwrap();
        assert_eq!(name, RepoName::parse("acme/aPI").unwrap());
        assert_eq!(
            (name.as_str(), name.owner(), name.name()),
            ("Acme/Api", "Acme", "Api")
        );
        for bad in [
            "",
            "acme",
            "acme/",
            "/api",
            "a/b/c",
            "../api",
            "acme/..",
            "ac me/api",
            "acme/ä",
        ] {
            assert_eq!(RepoName::parse(bad), Err(BadRepoName), "{bad:?}");
        }
    }
}
