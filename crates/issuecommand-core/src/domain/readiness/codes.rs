//! The codes of the reasons, and sets of them.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The code of a reason for which an issue is not handed out. The order is the order in which an issue's reasons are listed: what
/// must be mended first comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// It is closed on GitHub.
    Closed,
    /// GitHub does not show its repository, or the repository is archived.
    RepoNotOffered,
    /// A person halted the work in its repository.
    RepoPaused,
    /// An agent has an active claim on it.
    Held,
    /// The mirror has it as open, but that is not confirmed.
    Withheld,
    /// Its author has no write access, and nobody approved of it.
    UntrustedAuthor,
    /// It waits for a person.
    NeedsHuman,
    /// Its pull request was merged, or its agent ended it as done, and GitHub still shows it open.
    MergedPr,
    /// An open pull request closes it.
    HasOpenPr,
    /// Another issue blocks it.
    BlockedBy,
    /// It has open sub-issues.
    HasOpenChildren,
    /// A person is assigned to it.
    Assigned,
    /// It has a label that keeps issues from being handed out.
    ExcludedLabel,
    /// It has none of the labels of which it needs one.
    MissingLabel,
}

impl ReasonCode {
    /// All codes, in order.
    pub const ALL: [Self; 14] = [
        Self::Closed,
        Self::RepoNotOffered,
        Self::RepoPaused,
        Self::Held,
        Self::Withheld,
        Self::UntrustedAuthor,
        Self::NeedsHuman,
        Self::MergedPr,
        Self::HasOpenPr,
        Self::BlockedBy,
        Self::HasOpenChildren,
        Self::Assigned,
        Self::ExcludedLabel,
        Self::MissingLabel,
    ];

    /// The code as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::RepoNotOffered => "repo_not_offered",
            Self::Held => "held",
            Self::RepoPaused => "repo_paused",
            Self::Withheld => "withheld",
            Self::UntrustedAuthor => "untrusted_author",
            Self::MergedPr => "merged_pr",
            Self::HasOpenPr => "has_open_pr",
            Self::BlockedBy => "blocked_by",
            Self::HasOpenChildren => "has_open_children",
            Self::NeedsHuman => "needs_human",
            Self::Assigned => "assigned",
            Self::ExcludedLabel => "excluded_label",
            Self::MissingLabel => "missing_label",
        }
    }

    /// The reason in a few words, for a list or a count.
    pub fn brief(self) -> &'static str {
        match self {
            Self::Closed => "closed on GitHub",
            Self::RepoNotOffered => "its repository is archived or out of sight",
            Self::RepoPaused => "work in its repository is halted",
            Self::Held => "an agent has it",
            Self::Withheld => "not confirmed as open on GitHub",
            Self::UntrustedAuthor => "its author has no write access",
            Self::NeedsHuman => "parked until a person looks",
            Self::MergedPr => "its pull request was merged",
            Self::HasOpenPr => "has an open pull request",
            Self::BlockedBy => "blocked by another issue",
            Self::HasOpenChildren => "waits for sub-issues",
            Self::Assigned => "assigned to a person",
            Self::ExcludedLabel => "has an excluded label",
            Self::MissingLabel => "lacks a wanted label or type",
        }
    }

    /// The code with this text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }

    /// Whether the issue cannot be claimed by number either. With the other reasons a claim by number succeeds with a warning,
    /// because a person may have sent the agent there.
    pub fn is_hard(self) -> bool {
        match self {
            Self::Closed
            | Self::RepoNotOffered
            | Self::RepoPaused
            | Self::Held
            | Self::Withheld
            | Self::UntrustedAuthor => true,
            Self::NeedsHuman
            | Self::MergedPr
            | Self::HasOpenPr
            | Self::BlockedBy
            | Self::HasOpenChildren
            | Self::Assigned
            | Self::ExcludedLabel
            | Self::MissingLabel => false,
        }
    }

    /// Whether it is judged when the row is written and stored with its standing. An open issue alone has a standing, so
    /// that `closed` is not one of them.
    pub fn is_own(self) -> bool {
        match self {
            Self::Withheld
            | Self::UntrustedAuthor
            | Self::NeedsHuman
            | Self::MergedPr
            | Self::HasOpenPr
            | Self::BlockedBy
            | Self::HasOpenChildren
            | Self::Assigned
            | Self::ExcludedLabel
            | Self::MissingLabel => true,
            Self::Closed | Self::RepoNotOffered | Self::RepoPaused | Self::Held => false,
        }
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of codes. Its JSON is the list of codes in order.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReasonSet(u16);

impl ReasonSet {
    /// The set with this code, or without it.
    #[must_use]
    pub fn with(self, code: ReasonCode, holds: bool) -> Self {
        if holds {
            Self(self.0 | bit(code))
        } else {
            Self(self.0 & !bit(code))
        }
    }

    /// Whether this code is in the set.
    pub fn has(self, code: ReasonCode) -> bool {
        self.0 & bit(code) != 0
    }

    /// Whether there is no code.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The codes, in order.
    pub fn iter(self) -> impl Iterator<Item = ReasonCode> {
        let has = move |code: &ReasonCode| self.has(*code);
        ReasonCode::ALL.into_iter().filter(has)
    }

    /// The first code.
    pub fn first(self) -> Option<ReasonCode> {
        self.iter().next()
    }
}

fn bit(code: ReasonCode) -> u16 {
    1 << (code as u16)
}

impl FromIterator<ReasonCode> for ReasonSet {
    fn from_iter<T: IntoIterator<Item = ReasonCode>>(codes: T) -> Self {
        let codes = codes.into_iter();
        codes.fold(Self::default(), |set, code| set.with(code, true))
    }
}

impl fmt::Debug for ReasonSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for ReasonSet {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for ReasonSet {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let codes = Vec::<String>::deserialize(from)?;
        let code = |text: &String| {
            ReasonCode::parse(text)
                .ok_or_else(|| D::Error::custom(format!("{text:?} is no reason")))
        };
        codes.iter().map(code).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_lists_its_codes_in_order() {
        let set: ReasonSet = [ReasonCode::MissingLabel, ReasonCode::Withheld]
            .into_iter()
            .collect();
        assert_eq!(set.first(), Some(ReasonCode::Withheld));
        assert!(set.has(ReasonCode::MissingLabel) && !set.has(ReasonCode::Assigned));
        assert_eq!(
            set.with(ReasonCode::Withheld, false).first(),
            Some(ReasonCode::MissingLabel)
        );
        assert!(ReasonSet::default().is_empty());
        assert_eq!(
            ReasonSet::from_iter(ReasonCode::ALL).iter().count(),
            ReasonCode::ALL.len()
        );
    }

    #[test]
    fn each_code_is_its_own_text() {
        for code in ReasonCode::ALL {
            assert_eq!(ReasonCode::parse(code.as_str()), Some(code));
        }
        assert_eq!(ReasonCode::parse("busy"), None);
    }
}
