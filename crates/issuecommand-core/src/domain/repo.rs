//! Repositories, as GitHub shows them and as the mirror has them.

use serde::{Deserialize, Serialize};

use crate::domain::id::RepoId;
use crate::domain::repo_name::RepoName;
use crate::domain::sync::CountCheck;
use crate::domain::time::{Millis, Timestamp};

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
