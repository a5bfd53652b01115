//! Repositories, as GitHub shows them and as the mirror holds them.

use serde::{Deserialize, Serialize};

use crate::domain::id::RepoId;
use crate::domain::repo_name::RepoName;
use crate::domain::sync::CountCheck;
use crate::domain::time::{Millis, Timestamp};

/// GitHub's data of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepoSnapshot {
    /// GitHub's id, which survives renames and transfers.
    pub github_id: i64,
    /// Its present name.
    pub name: RepoName,
    /// The address of its web page.
    pub url: String,
    /// The description, if it has one.
    pub description: Option<String>,
    /// Whether it is private or internal.
    pub private: bool,
    /// Whether it is read-only, so that its issues can be listed but not worked on.
    pub archived: bool,
    /// GitHub's count of open issues, which includes pull requests.
    pub open_count: i64,
}

/// A repository in the mirror.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repo {
    /// Our own number for it.
    pub id: RepoId,
    /// GitHub's latest data.
    pub facts: RepoSnapshot,
    /// Since when repositories are known here, by our own clock: for all that GitHub showed the moment of the first one. What was
    /// opened before waits since then.
    pub known_at: Timestamp,
    /// Whether its issues may be handed out: it is visible, allowed and not archived.
    pub offered: bool,
    /// Known only from deliveries or the old service's database; GitHub was not or could not be asked. Its feedback may be
    /// handed out, its issues only after GitHub shows it.
    pub unseen: bool,
    /// When the mirror first had all its open issues. While `None`, an empty mirror means nothing.
    pub synced_at: Option<Timestamp>,
    /// When a complete poll last confirmed all its rows, also by "unchanged".
    pub polled_at: Option<Timestamp>,
    /// The newest `updated_at` of the last complete poll, from which the next one reads.
    pub watermark: Option<Timestamp>,
    /// The ETag of the last complete poll's first page, opaque, bound to one credential.
    pub etag: Option<String>,
    /// When the last full read of the open issues began; `None` before the first.
    pub full_at: Option<Timestamp>,
    /// The comparison of the mirror's count of open issues with GitHub's.
    pub counts: CountCheck,
}

impl Repo {
    /// A repository whose issues are still unknown.
    pub fn new(id: RepoId, facts: RepoSnapshot, offered: bool, known_at: Timestamp) -> Self {
        Self {
            id,
            facts,
            known_at,
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

    /// Whether all its open issues must be read again: the last full read is `every` ago, or is in the future because the clock
    /// was set back.
    pub fn is_due_for_full_reading(&self, now: Timestamp, every: Millis) -> bool {
        self.full_at
            .is_none_or(|at| at.plus(every) <= now || now < at)
    }
}

impl Repo {
    /// Whether feedback on its pull requests may be handed out.
    pub fn offers_feedback(&self) -> bool {
        self.offered || self.unseen
    }
}
