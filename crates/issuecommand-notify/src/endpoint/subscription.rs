//! What an endpoint is told.

use std::collections::BTreeSet;

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::{Details, Event, EventKind};
use issuecommand_core::domain::repo_name::RepoName;

/// What stands for all events but those of [`NOISE`].
const ALL: &str = "all";
/// Events of which there are many, and that say little to others.
const NOISE: [EventKind; 2] = [EventKind::WebhookReceived, EventKind::SyncReconciled];

/// What an endpoint may be told beside events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// What needs a person, and when it does not any more.
    NeedsYou,
    /// The merge of a claim's pull request.
    Merged,
    /// That no issue is left to take.
    QueueEmpty,
    /// That no agent has work any more.
    AgentsIdle,
    /// Once a day how things stand.
    Digest,
}

impl Topic {
    const ALL: [Self; 5] = [
        Self::NeedsYou,
        Self::Merged,
        Self::QueueEmpty,
        Self::AgentsIdle,
        Self::Digest,
    ];

    /// The word of the settings.
    fn as_str(self) -> &'static str {
        match self {
            Self::NeedsYou => "needs_you",
            Self::Merged => "merged",
            Self::QueueEmpty => "queue_empty",
            Self::AgentsIdle => "agents_idle",
            Self::Digest => "digest",
        }
    }
}

/// What an endpoint is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    topics: BTreeSet<Topic>,
    /// Events of these kinds.
    events: Vec<EventKind>,
    /// In these repositories; empty: in all.
    pub repos: Vec<RepoName>,
}

impl Subscription {
    /// Reads the words of `on`. Without any a program gets all events, and people what needs them.
    pub(super) fn read(
        words: &[String],
        repos: Vec<RepoName>,
        is_program: bool,
    ) -> Result<Self, String> {
        let mut read = Self {
            repos,
            ..Self::default()
        };
        let default = if is_program {
            ALL
        } else {
            Topic::NeedsYou.as_str()
        };
        let default = [default.to_owned()];
        let words = if words.is_empty() {
            &default[..]
        } else {
            words
        };
        for word in words {
            read.add(word)?;
        }
        Ok(read)
    }

    fn add(&mut self, word: &str) -> Result<(), String> {
        if let Some(topic) = Topic::ALL.into_iter().find(|topic| topic.as_str() == word) {
            self.topics.insert(topic);
            return Ok(());
        }
        let group = word.strip_suffix('*').filter(|group| group.ends_with('.'));
        let fits = |kind: &EventKind| match group {
            Some(group) => kind.as_str().starts_with(group),
            None if word == ALL => !NOISE.contains(kind),
            None => kind.as_str() == word,
        };
        let before = self.events.len();
        self.events
            .extend(EventKind::ALL.iter().copied().filter(fits));
        if self.events.len() > before {
            return Ok(());
        }
        Err(format!(
            "on: {word:?} is none of needs_you, merged, queue_empty, agents_idle, digest, all, the type of an event such as \
             claim.stale, or a group such as claim.*"
        ))
    }

    /// The words that say the same.
    pub fn words(&self) -> Vec<String> {
        let topics = self.topics.iter().map(|topic| topic.as_str().to_owned());
        let mut words: Vec<String> = topics.collect();
        let quiet = |kind: &&EventKind| !NOISE.contains(kind);
        let has = |kind: &EventKind| self.events.contains(kind);
        if EventKind::ALL.iter().filter(quiet).all(has) {
            words.push(ALL.to_owned());
            let noise = NOISE.iter().filter(|kind| has(kind));
            words.extend(noise.map(|kind| kind.as_str().to_owned()));
        } else {
            words.extend(self.events.iter().map(|kind| kind.as_str().to_owned()));
        }
        words
    }

    /// Whether it is told of this.
    pub fn is_told(&self, topic: Topic) -> bool {
        self.topics.contains(&topic)
    }

    /// Whether it is told how things stand, beside what happens.
    pub fn needs_situation(&self) -> bool {
        self.topics.iter().any(|topic| *topic != Topic::Merged)
    }

    /// Whether it is told of this event.
    pub fn has(&self, event: &Event) -> bool {
        self.has_repo(event.repo.as_ref())
            && (self.events.contains(&event.kind)
                || (self.is_told(Topic::Merged) && is_merge(event)))
    }

    /// Whether it is told of this repository; of what belongs to none only if it is told of all.
    pub fn has_repo(&self, repo: Option<&RepoName>) -> bool {
        self.repos.is_empty() || repo.is_some_and(|repo| self.repos.contains(repo))
    }
}

/// Whether the event says that a claim's pull request was merged.
pub(crate) fn is_merge(event: &Event) -> bool {
    event.kind == EventKind::ClaimUpdated
        && matches!(
            event.details,
            Details::Moved {
                status: ClaimStatus::PrMerged,
                ..
            }
        )
}
