//! Whether an issue may be handed out, and everything that stands against it.
//!
//! Core judges the reasons of an issue's own whenever its row is written, and a store keeps them with its [`Standing`], so that
//! statements ask only whether there are any. [`ReasonCode::is_own`] tells which these are. The others follow from other rows at
//! the moment of the question: whether the repository is offered, and whether an agent holds the issue.
//!
//! [`Standing`]: crate::domain::standing::Standing

mod by_number;
mod codes;

use serde::{Deserialize, Serialize};

pub(crate) use self::by_number::ClaimObstacle;
pub use self::codes::{ReasonCode, ReasonSet};
use crate::domain::id::AgentId;
use crate::domain::issue::WithheldReason;
use crate::domain::repo::Repo;

/// A reason for which an issue is not handed out, with what a person wants to know of it. Made for answers; its code is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotReady {
    /// It is closed on GitHub.
    Closed,
    /// GitHub does not show its repository, or the repository is archived.
    RepoNotOffered,
    /// An agent has an active claim on it.
    Held {
        /// That agent.
        agent: AgentId,
    },
    /// The mirror has it as open, but that is not confirmed.
    Withheld(WithheldReason),
    /// A person is assigned to it.
    Assigned {
        /// The assignees that are none of `AGENT_LOGINS`.
        people: Vec<String>,
    },
    /// It has a label that keeps issues from being handed out.
    ExcludedLabel {
        /// The first such label.
        label: String,
    },
    /// It has none of the labels of which it needs one.
    MissingLabel {
        /// These labels.
        wanted: Vec<String>,
    },
}

impl NotReady {
    /// The code, which is stored and sent to callers.
    pub fn code(&self) -> ReasonCode {
        match self {
            Self::Closed => ReasonCode::Closed,
            Self::RepoNotOffered => ReasonCode::RepoNotOffered,
            Self::Held { .. } => ReasonCode::Held,
            Self::Withheld(_) => ReasonCode::Withheld,
            Self::Assigned { .. } => ReasonCode::Assigned,
            Self::ExcludedLabel { .. } => ReasonCode::ExcludedLabel,
            Self::MissingLabel { .. } => ReasonCode::MissingLabel,
        }
    }

    /// The reasons that hold for all issues of a repository, in order.
    pub fn of_repo(repo: &Repo) -> impl Iterator<Item = Self> {
        (!repo.offered).then_some(Self::RepoNotOffered).into_iter()
    }

    /// One sentence for a person or an agent, the same on every surface. Labels and logins are GitHub's texts.
    pub fn words(&self) -> String {
        match self {
            Self::Closed => "It is closed on GitHub".to_owned(),
            Self::RepoNotOffered => {
                "Its repository is archived, or GitHub does not show it any more".to_owned()
            }
            Self::Held { agent } => format!("{:?} works on it", agent.as_str()),
            Self::Withheld(why) => withheld_words(*why).to_owned(),
            Self::Assigned { people } => {
                let people: Vec<String> = people.iter().map(|login| format!("@{login}")).collect();
                let (is, none) = if people.len() == 1 {
                    ("is", "is")
                } else {
                    ("are", "are")
                };
                format!(
                    "{} {is} assigned to it, who {none} none of AGENT_LOGINS",
                    people.join(", ")
                )
            }
            Self::ExcludedLabel { label } => {
                format!("It has the label {label:?}, which READY_EXCLUDE_LABELS names")
            }
            Self::MissingLabel { wanted } => {
                format!(
                    "It has none of READY_REQUIRE_LABELS ({})",
                    wanted.join(", ")
                )
            }
        }
    }
}

fn withheld_words(why: WithheldReason) -> &'static str {
    match why {
        WithheldReason::NotFound => {
            "GitHub answers 404 for it: it was deleted, or access to it was lost"
        }
        WithheldReason::Gone => "GitHub answers 410 for it: it was deleted",
        WithheldReason::Moved => "It was transferred to another repository",
        WithheldReason::CalledClosed => {
            "Its agent reported it closed, and GitHub has not confirmed or denied that yet"
        }
        WithheldReason::Closing => "Its agent reported it closed, and it is being closed on GitHub",
        WithheldReason::CloseFailed => {
            "Its agent reported it closed, and GitHub refused to close it: a person must look at it"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_words_for_people() {
        let label = |label: &str| NotReady::ExcludedLabel {
            label: label.to_owned(),
        };
        let people = |people: &[&str]| NotReady::Assigned {
            people: people.iter().map(|&login| login.to_owned()).collect(),
        };
        for (reason, words) in [
            (
                people(&["kim"]),
                "@kim is assigned to it, who is none of AGENT_LOGINS",
            ),
            (
                people(&["kim", "lee"]),
                "@kim, @lee are assigned to it, who are none of AGENT_LOGINS",
            ),
            (
                label("no-agent"),
                "It has the label \"no-agent\", which READY_EXCLUDE_LABELS names",
            ),
            (
                NotReady::MissingLabel {
                    wanted: vec!["ready".to_owned(), "agent".to_owned()],
                },
                "It has none of READY_REQUIRE_LABELS (ready, agent)",
            ),
        ] {
            assert_eq!(reason.words(), words);
        }
    }
}
