//! A repository's own policy: what a file of its default branch asks for. It narrows what the operator's settings allow, and widens
//! nothing: whose texts are trusted is no part of it.

use serde::{Deserialize, Serialize};

use crate::domain::id::RepoId;
use crate::domain::policy::Route;
use crate::domain::time::{Millis, Timestamp};

/// What a repository asks for. Each part is empty or `None` where the file does not name it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RepoPolicy {
    /// Labels that keep an issue from being handed out, in lower case, besides the operator's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude_labels: Vec<String>,
    /// Labels of which an issue needs one, in lower case, besides one of the operator's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub require_labels: Vec<String>,
    /// Types of which an issue must be one, in lower case, besides one of the operator's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// Active claims beyond which no more issues are offered. The lower one of this and the operator's limit holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_claims: Option<u32>,
    /// How many minutes an agent is not offered the issue that it gave back. The longer one of this and the operator's holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown_minutes: Option<u32>,
    /// The label words of priorities, written like `PRIORITY_LABELS`. They are added to the operator's words, and replace those that
    /// are the same.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub priority: String,
    /// Which agents some issues are for. An agent must be admitted by these and by the operator's routes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
}

impl RepoPolicy {
    /// The path of the file in a repository.
    pub const PATH: &str = ".github/issuecommand.toml";

    /// The most claims that a file may allow. The operator's limit may be lower.
    pub const MOST_CLAIMS: u32 = 1_000;

    /// The longest cool-down that a file may ask for, in minutes: a week.
    pub const LONGEST_COOLDOWN: u32 = 7 * 24 * 60;

    /// The length of its cool-down.
    pub fn cooldown(&self) -> Option<Millis> {
        let minutes = self.cooldown_minutes.map(i64::from);
        minutes.map(Millis::minutes)
    }

    /// The keys that it sets, for people.
    pub fn keys(&self) -> Vec<&'static str> {
        let keys = [
            ("exclude_labels", !self.exclude_labels.is_empty()),
            ("require_labels", !self.require_labels.is_empty()),
            ("types", !self.types.is_empty()),
            ("max_claims", self.max_claims.is_some()),
            ("cooldown_minutes", self.cooldown_minutes.is_some()),
            ("priority", !self.priority.is_empty()),
            ("route", !self.routes.is_empty()),
        ];
        let set = keys.into_iter().filter(|(_, is_set)| *is_set);
        set.map(|(key, _)| key).collect()
    }
}

/// What is known of a repository's policy. A repository without a file has none of it once its issues are judged without a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPolicy {
    /// The repository.
    pub repo: RepoId,
    /// The last good one; `None` if there never was any, or the file was deleted.
    pub policy: Option<RepoPolicy>,
    /// The validator of the file. `None` for a broken file, so that it is read again.
    pub etag: Option<String>,
    /// Why the newest file was not taken, with the line.
    pub error: Option<String>,
    /// Since when policy and error are as they are.
    pub since: Timestamp,
    /// How often the policy changed.
    pub version: i64,
    /// The version by which all open issues of the repository were judged.
    pub judged: i64,
}

impl KnownPolicy {
    /// A repository of which no file is known.
    pub fn nothing(repo: RepoId, since: Timestamp) -> Self {
        Self {
            repo,
            policy: None,
            etag: None,
            error: None,
            since,
            version: 0,
            judged: 0,
        }
    }

    /// Whether there is neither a policy nor an error, and no issue is judged by a former policy.
    pub fn is_nothing(&self) -> bool {
        self.policy.is_none() && self.error.is_none() && self.judged == self.version
    }
}

/// What a look at the file showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeenPolicy {
    /// A good file.
    Good {
        /// What it asks for.
        policy: Box<RepoPolicy>,
        /// The ETag of the file, with which the next look asks only for a change.
        etag: Option<String>,
    },
    /// A file that cannot be taken, with the reason. The last good one holds.
    Broken(String),
    /// The repository has no such file.
    Gone,
}
