//! Searches for open issues by number, words and labels.

use super::WorkingCursor;
use crate::domain::access::Scope;
use crate::domain::id::{AgentId, IssueKey, IssueNumber};
use crate::domain::lane::Lane;
use crate::domain::readiness::ReasonCode;
use crate::domain::time::Timestamp;

/// What a search looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// Nothing: the labels alone.
    Labels,
    /// Each of these beginnings of words in the title, in lower case and without any but letters and digits.
    Words(Vec<String>),
    /// This number.
    Number(IssueNumber),
}

/// A search for open issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchQuery {
    /// What for.
    pub search: Search,
    /// Labels that they have, in lower case, each once.
    pub labels: Vec<String>,
    /// In these repositories.
    pub scope: Scope,
    /// How many issues with these words, or else with these labels, are looked at.
    pub most: u32,
}

impl SearchQuery {
    /// How many issues with the labels are looked at.
    pub const MOST: u32 = 10_000;
    /// How many issues with the words are looked at. They are found in no order that an index could give.
    pub const MOST_OF_WORDS: u32 = 2_000;
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundIssues {
    /// The issues, in no order.
    pub issues: Vec<FoundIssue>,
    /// There are more than were looked at.
    pub more: bool,
}

/// The words of a text, as a search compares them.
pub fn words_of(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// An open issue that a search found, with where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundIssue {
    /// Its key.
    pub key: IssueKey,
    /// The agents that it is for.
    pub lane: Lane,
    /// Its turn.
    pub turn: Timestamp,
    /// When it was opened.
    pub created_at: Timestamp,
    /// The first reason of its own for which it is not handed out.
    pub first: Option<ReasonCode>,
    /// Whether its repository is on offer.
    pub offered: bool,
    /// The active claim on it, with its agent.
    pub held: Option<(WorkingCursor, AgentId)>,
}
