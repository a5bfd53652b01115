//! The model: the state of GitHub, and its clock.
//!
//! Methods that name a missing repository or number panic with a plain sentence, because then the test is wrong. Repository
//! names are case-insensitive.

mod accounts;
mod changes;
mod clock;
mod comments;
mod commits;
mod credentials;
mod files;
mod issues;
mod labels;
mod lies;
mod limits;
mod lines;
mod members;
mod optional_facts;
mod pulls;
mod relations;
mod repos;
mod reviews;
mod timeline;
mod webhooks;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::hook::Hook;
use super::model::{FormerIssue, Issue, OptionalFacts, Repo, User};
pub(crate) use changes::{IssueLocation, Place};
use clock::{Clock, whole_seconds};
use credentials::Token;
pub(crate) use credentials::{Kind, Viewer};
pub use lies::Corruption;
use limits::Limits;
pub(crate) use limits::Resource;
use relations::Relations;

/// All of GitHub.
#[derive(Debug, Clone)]
pub struct World {
    clock: Clock,
    next_id: u64,
    users: HashMap<String, User>,
    viewer: String,
    /// The acting account, if it is not the token's user.
    actor: Option<String>,
    tokens: HashMap<String, Token>,
    repos: BTreeMap<u64, Repo>,
    /// Every current and former name of a repository, in lower case; the newest owner of a name wins.
    names: HashMap<String, u64>,
    limits: Limits,
    hook: Option<Hook>,
    /// Rows that are corrupted, by the ids of their objects.
    garbled: HashMap<u64, Corruption>,
    /// Dependencies and sub-issues.
    relations: Relations,
    /// The features that older servers lack, with the issue types and fields.
    optional: OptionalFacts,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// An empty world at 2026-01-01 that knows the token `test-token` of the user `octo-agent`.
    pub fn new() -> Self {
        // 2026-01-01T00:00:00Z
        Self::at(Timestamp::from_second(1_767_225_600).unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// The same at `now` (whole seconds, as GitHub's).
    pub fn at(now: Timestamp) -> Self {
        let mut world = Self {
            clock: Clock::Still(whole_seconds(now)),
            next_id: 1_000,
            users: HashMap::new(),
            viewer: "octo-agent".to_owned(),
            actor: None,
            tokens: HashMap::new(),
            repos: BTreeMap::new(),
            names: HashMap::new(),
            limits: Limits::default(),
            hook: None,
            garbled: HashMap::new(),
            relations: Relations::default(),
            optional: OptionalFacts::default(),
        };
        world.accept_token("test-token", "octo-agent");
        world
    }

    /// The repository with this name, even if no token sees it.
    pub fn repo(&self, full_name: &str) -> Option<&Repo> {
        let id = self.names.get(&full_name.to_lowercase())?;
        self.repos.get(id)
    }

    /// All repositories, oldest first.
    pub fn repos(&self) -> impl Iterator<Item = &Repo> {
        self.repos.values()
    }

    /// The issue or pull request with this number.
    pub fn issue(&self, full_name: &str, number: u64) -> Option<&Issue> {
        self.repo(full_name)?.issue(number)
    }

    fn fresh_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// The id of a repository that must exist.
    fn id_of(&self, full_name: &str) -> u64 {
        match self.names.get(&full_name.to_lowercase()) {
            Some(id) => *id,
            None => panic!("there is no repository {full_name} in this world"),
        }
    }

    fn place_of(&self, full_name: &str, number: u64) -> Place {
        let place = Place {
            repo: self.id_of(full_name),
            number,
        };
        assert!(
            self.at_place(place).is_some(),
            "there is no issue {full_name}#{number} in this world"
        );
        place
    }

    pub(crate) fn repo_by_id(&self, id: u64) -> Option<&Repo> {
        self.repos.get(&id)
    }

    pub(crate) fn at_place(&self, place: Place) -> Option<&Issue> {
        self.repos.get(&place.repo)?.issues.get(&place.number)
    }

    /// The location of an issue as this viewer sees it.
    pub(crate) fn whereabouts(&self, place: Place, viewer: &Viewer) -> IssueLocation {
        let Some(repo) = self.repos.get(&place.repo) else {
            return IssueLocation::Unknown;
        };
        if repo.issues.contains_key(&place.number) {
            return IssueLocation::Here;
        }
        match repo.departed.get(&place.number) {
            None => IssueLocation::Unknown,
            Some(FormerIssue::Deleted) => IssueLocation::Deleted,
            // GitHub answers 404 so as not to reveal a repository that the token cannot see.
            Some(FormerIssue::Moved { repo, number }) => match self.repos.get(repo) {
                Some(target) if viewer.refusal(target).is_none() => IssueLocation::Moved(Place {
                    repo: *repo,
                    number: *number,
                }),
                _ => IssueLocation::Unknown,
            },
        }
    }
}
