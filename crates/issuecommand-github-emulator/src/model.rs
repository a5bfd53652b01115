//! GitHub's objects as plain structs. Only [`World`](super::World) changes them, which keeps `updated_at` and the cached lists
//! correct.

pub(crate) mod listing;
mod optional_facts;
mod place;
mod pull;
mod talk;
mod timeline;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use self::listing::Listings;
use super::associations::Association;
pub use optional_facts::Feature;
pub(crate) use optional_facts::OptionalFacts;
pub(crate) use place::{FormerIssue, ListErrors};
pub use place::{Label, Milestone, Permission};
pub use pull::{Commit, HeadRepo, Pull};
pub use talk::{Comment, Lines, Review, ReviewComment, ReviewState, Side};
pub use timeline::{TimelineEvent, TimelineKind};

/// An account: a person, a bot (its login ends in `[bot]`) or an organisation.
#[derive(Debug, Clone)]
pub struct User {
    /// GitHub's numeric id.
    pub id: u64,
    /// The name as it is displayed.
    pub login: String,
    /// True for an organization that owns repositories and has no login of its own.
    pub organization: bool,
}

/// Open or closed; a merged pull request is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Still to be done.
    Open,
    /// Done, given up or merged.
    Closed,
}

impl State {
    /// GitHub's spelling in REST.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// Why an issue is in its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateReason {
    /// Closed as done.
    Completed,
    /// Closed as not wanted.
    NotPlanned,
    /// Closed as a duplicate.
    Duplicate,
    /// Open again.
    Reopened,
}

impl StateReason {
    /// GitHub's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::NotPlanned => "not_planned",
            Self::Duplicate => "duplicate",
            Self::Reopened => "reopened",
        }
    }

    /// The reason with this spelling; `None` if GitHub does not know it.
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::Completed,
            Self::NotPlanned,
            Self::Duplicate,
            Self::Reopened,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == word)
    }
}

/// An issue, or the issue side of a pull request.
#[derive(Debug, Clone)]
pub struct Issue {
    /// GitHub's numeric id, unique over all repositories.
    pub id: u64,
    /// Its number in the repository; issues and pull requests share one sequence.
    pub number: u64,
    /// One line.
    pub title: String,
    /// Markdown; GitHub says `null` for an empty one.
    pub body: Option<String>,
    /// Login; `None` for a deleted account.
    pub author: Option<String>,
    /// The author's association with the repository.
    pub association: Association,
    /// Open or closed.
    pub state: State,
    /// The reason for the state, if known.
    pub state_reason: Option<StateReason>,
    /// Label names in the order in which they were added.
    pub labels: Vec<String>,
    /// Logins.
    pub assignees: Vec<String>,
    /// The milestone's number.
    pub milestone: Option<u64>,
    /// The conversation, oldest first.
    pub comments: Vec<Comment>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// The last change of any kind, comments included.
    pub updated_at: Timestamp,
    /// When it was closed, while it is closed.
    pub closed_at: Option<Timestamp>,
    /// Who closed it.
    pub closed_by: Option<String>,
    /// Its history without comments and commits, oldest first.
    pub timeline: Vec<TimelineEvent>,
    /// The part that only pull requests have.
    pub pull: Option<Box<Pull>>,
    /// The name of its issue type.
    pub kind: Option<String>,
    /// The chosen options of the organization's issue fields, by the names of the fields.
    pub fields: BTreeMap<String, String>,
}

/// A repository.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "GitHub's own independent switches, not a state machine"
)]
pub struct Repo {
    /// GitHub's numeric id; it survives renames and transfers.
    pub id: u64,
    /// Login of the owner.
    pub owner: String,
    /// Name without the owner.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Private.
    pub private: bool,
    /// Read only.
    pub archived: bool,
    /// Whether issues are enabled.
    pub has_issues: bool,
    /// The branch whose merges close issues.
    pub default_branch: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The last change of anything in it.
    pub updated_at: Timestamp,
    /// The status that replaces every response about the repository.
    pub(crate) refused: Option<u16>,
    pub(crate) writable: bool,
    pub(crate) cursor_pages: bool,
    pub(crate) members: HashMap<String, Association>,
    pub(crate) permissions: HashMap<String, Permission>,
    pub(crate) contributors: BTreeSet<String>,
    /// Ids of its forks by their owners in lower case.
    pub(crate) forks: BTreeMap<String, u64>,
    /// Tips of branches by name.
    pub(crate) branches: BTreeMap<String, String>,
    pub(crate) commits: HashMap<String, Commit>,
    /// The texts of files on the default branch, by path.
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) labels: BTreeMap<String, Label>,
    pub(crate) milestones: Vec<Milestone>,
    pub(crate) issues: BTreeMap<u64, Issue>,
    pub(crate) departed: BTreeMap<u64, FormerIssue>,
    pub(crate) next_number: u64,
    pub(crate) open: u64,
    pub(crate) lies: ListErrors,
    pub(crate) listings: Listings,
}

impl Repo {
    /// `owner/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// The issue or pull request with this number.
    pub fn issue(&self, number: u64) -> Option<&Issue> {
        self.issues.get(&number)
    }

    /// Issues and pull requests by number.
    pub fn issues(&self) -> impl Iterator<Item = &Issue> {
        self.issues.values()
    }

    /// The number of open issues, without pull requests.
    pub fn open_issues(&self) -> usize {
        self.issues()
            .filter(|i| i.pull.is_none() && i.state == State::Open)
            .count()
    }

    /// The milestone with this number.
    pub fn milestone(&self, number: u64) -> Option<&Milestone> {
        self.milestones.iter().find(|m| m.number == number)
    }
}
