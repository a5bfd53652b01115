//! The model: everything GitHub knows, and the clock it knows it by.
//!
//! Methods that name a repository or number panic with a plain sentence when there is none: a test that speaks of
//! what does not exist is wrong. Repository names compare without case.

mod accounts;
mod changes;
mod issues;
mod limits;
mod pulls;
mod repos;
mod telling;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::hook::Hook;
use super::model::{Departed, Issue, Repo, User};
use accounts::Token;
pub(crate) use accounts::Viewer;
pub(crate) use changes::{Place, Whereabouts};
use limits::Limits;
pub(crate) use limits::Resource;

/// All of GitHub.
#[derive(Debug, Clone)]
pub struct World {
    clock: Clock,
    next_id: u64,
    users: HashMap<String, User>,
    viewer: String,
    tokens: HashMap<String, Token>,
    repos: BTreeMap<u64, Repo>,
    /// Every name a repository has or had, in lower case; the newest owner of a name wins.
    names: HashMap<String, u64>,
    limits: Limits,
    hook: Option<Hook>,
}

#[derive(Debug, Clone)]
enum Clock {
    Still(Timestamp),
    System,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// An empty world whose clock stands at 2026-01-01 and that knows the token `test-token` of the user `octo-agent`.
    pub fn new() -> Self {
        // 2026-01-01T00:00:00Z
        Self::at(Timestamp::from_second(1_767_225_600).unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// The same with its clock standing at `now` (whole seconds, as GitHub's).
    pub fn at(now: Timestamp) -> Self {
        let mut world = Self {
            clock: Clock::Still(whole_seconds(now)),
            next_id: 1_000,
            users: HashMap::new(),
            viewer: "octo-agent".to_owned(),
            tokens: HashMap::new(),
            repos: BTreeMap::new(),
            names: HashMap::new(),
            limits: Limits::default(),
            hook: None,
        };
        world.accept_token("test-token", "octo-agent");
        world
    }

    /// What time it is, in whole seconds.
    pub fn now(&self) -> Timestamp {
        match self.clock {
            Clock::Still(now) => now,
            Clock::System => whole_seconds(Timestamp::now()),
        }
    }

    /// Makes it this time, until told otherwise.
    pub fn set_now(&mut self, now: Timestamp) {
        self.clock = Clock::Still(whole_seconds(now));
    }

    /// Moves the time on by whole seconds; a clock that followed the system stands still from then on.
    pub fn advance(&mut self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        self.set_now(self.now().saturating_add(by).unwrap_or(Timestamp::MAX));
    }

    /// From now on it is what the system says.
    pub fn follow_system_clock(&mut self) {
        self.clock = Clock::System;
    }

    /// The repository with this name, also when it has lost access.
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

    /// The id behind a name that must exist.
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

    /// Where an issue of an accessible repository is.
    pub(crate) fn whereabouts(&self, place: Place) -> Whereabouts {
        let Some(repo) = self.repos.get(&place.repo) else {
            return Whereabouts::Unknown;
        };
        if repo.issues.contains_key(&place.number) {
            return Whereabouts::Here;
        }
        match repo.departed.get(&place.number) {
            None => Whereabouts::Unknown,
            Some(Departed::Deleted) => Whereabouts::Deleted,
            // GitHub answers 404 rather than tell of a repository that the token cannot see.
            Some(Departed::Moved { repo, number }) => match self.repos.get(repo) {
                Some(target) if target.accessible => Whereabouts::Moved(Place {
                    repo: *repo,
                    number: *number,
                }),
                _ => Whereabouts::Unknown,
            },
        }
    }
}

fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
