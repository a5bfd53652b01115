//! Repositories: their names, and what the mirror knows of each.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::id::RepoId;
use crate::sync::CountCheck;
use crate::time::{Millis, Timestamp};

/// `owner/name`, equal without case, shown as GitHub spells it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepoName {
    shown: String,
    key: String,
}

/// Why a text is no [`RepoName`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("repo must be owner/name, of letters, digits, '-', '_' and '.'")]
pub struct BadRepoName;

/// The owner in the name of a repository that has none. No account on GitHub can be called so: logins have no dots.
const UNNAMED: &str = "renamed.repository";

impl RepoName {
    /// What a repository is called whose name another one has by now, until GitHub says what it is called itself.
    pub fn unnamed(repo: RepoId) -> Self {
        let shown = format!("{UNNAMED}/{}", repo.0);
        let key = shown.clone();
        Self { shown, key }
    }

    /// Whether this stands for a name that is not known: GitHub cannot be asked by it.
    pub fn is_unnamed(&self) -> bool {
        self.owner() == UNNAMED
    }

    /// Reads `owner/name`.
    ///
    /// # Errors
    /// [`BadRepoName`] when a half is missing, is `.` or `..`, is longer than 100 bytes or has a character that GitHub allows in no name.
    pub fn parse(text: &str) -> Result<Self, BadRepoName> {
        let (owner, name) = text.trim().split_once('/').ok_or(BadRepoName)?;
        Self::new(owner, name)
    }

    /// Joins the two halves.
    ///
    /// # Errors
    /// As [`RepoName::parse`].
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

    /// The name in lower case: what stores compare and index.
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

/// What GitHub says of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepoSnapshot {
    /// GitHub's own id, which renames and transfers keep.
    pub github_id: i64,
    /// Its present name.
    pub name: RepoName,
    /// The page a person would open.
    pub url: String,
    /// The line under the title, if it has one.
    pub description: Option<String>,
    /// Not visible to everybody.
    pub private: bool,
    /// Read-only: its issues can be listed, not worked on.
    pub archived: bool,
    /// GitHub's own count of open issues, which includes pull requests.
    pub open_count: i64,
}

/// A repository in the mirror.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repo {
    /// Our number of it.
    pub id: RepoId,
    /// What GitHub said last.
    pub facts: RepoSnapshot,
    /// Its issues may be handed out: we can see it, it is allowed, it is not archived.
    pub offered: bool,
    /// Only deliveries, or the old service's database, tell of it so far: GitHub was not asked, or could not be. Feedback on its
    /// pull requests is on offer, its issues wait until GitHub shows it.
    pub unseen: bool,
    /// When all of its open issues were first in the mirror; `None` until then, and then its silence means nothing.
    pub synced_at: Option<Timestamp>,
    /// When a complete poll last vouched for every row of it, an "unchanged" included.
    pub polled_at: Option<Timestamp>,
    /// The newest `updated_at` of the last complete poll: where the next one begins.
    pub watermark: Option<Timestamp>,
    /// The validator of the last complete poll's first page, opaque, bound to one credential.
    pub etag: Option<String>,
    /// When the last complete reading of all open issues began; `None` before the first.
    pub full_at: Option<Timestamp>,
    /// How the mirror's count of open issues compares with GitHub's own.
    pub counts: CountCheck,
}

impl Repo {
    /// A repository of whose issues nothing is known yet.
    pub fn new(id: RepoId, facts: RepoSnapshot, offered: bool) -> Self {
        Self {
            id,
            facts,
            offered,
            unseen: false,
            synced_at: None,
            polled_at: None,
            watermark: None,
            etag: None,
            full_at: None,
            counts: CountCheck::default(),
        }
    }

    /// Whether all of its open issues are to be read again: the last time is `every` ago, or lies in the future of a clock
    /// that was set back.
    pub fn is_due_for_full_reading(&self, now: Timestamp, every: Millis) -> bool {
        self.full_at
            .is_none_or(|at| at.plus(every) <= now || now < at)
    }
}

impl Repo {
    /// Whether feedback on its pull requests is on offer.
    pub fn offers_feedback(&self) -> bool {
        self.offered || self.unseen
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
