//! Why a piece of work was given to an agent before all others.

use serde::{Deserialize, Serialize};

use crate::domain::followup::Followup;
use crate::domain::priority::Priority;
use crate::domain::time::Millis;

/// What says how urgent an issue is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RankSource {
    /// Nothing: it has the default priority.
    #[default]
    Nothing,
    /// This label.
    Label(String),
    /// The issue field of `PRIORITY_FIELD`, with this value.
    Field(String),
}

impl RankSource {
    /// In a few words. The label is GitHub's text.
    pub fn words(&self) -> String {
        match self {
            Self::Nothing => "none".to_owned(),
            Self::Label(label) => format!("label {label}"),
            Self::Field(value) => format!("field {value}"),
        }
    }
}

/// How urgent an issue is, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranked {
    /// The priority that it has by now.
    pub rank: Priority,
    /// The priority that its source names.
    pub named: Priority,
    /// What names it.
    pub source: RankSource,
    /// How long the issue has waited for an agent.
    #[serde(default)]
    pub waited: Millis,
}

impl Ranked {
    /// Whether its age made it more urgent than it was named.
    pub fn is_aged(&self) -> bool {
        self.rank < self.named
    }
}

/// Why an agent was given this work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chosen {
    /// An issue.
    Issue {
        /// How urgent it is.
        ranked: Ranked,
        /// How long it had been open.
        open_for: Millis,
    },
    /// Feedback on a pull request. It is given before issues.
    Followup {
        /// The pull request is that of the agent's own claim.
        own: bool,
        /// How long the feedback had waited.
        waited: Millis,
    },
}

impl Chosen {
    /// Why a follow-up was given to the agent that has it now.
    pub fn followup(item: &Followup) -> Self {
        let preferred = item.author.as_ref().and_then(|of| of.preferred.as_ref());
        let taken = item.claimed_at.unwrap_or(item.last_updated);
        Self::Followup {
            own: preferred.is_some() && preferred == item.owner.as_ref(),
            waited: Millis((taken.0 - item.created_at.0).max(0)),
        }
    }

    /// In one line for a person or an agent. Labels are GitHub's texts.
    pub fn words(&self) -> String {
        match self {
            Self::Issue { ranked, open_for } => {
                let open = length(*open_for);
                let (rank, named) = (ranked.rank.word(), ranked.named.word());
                let source = match &ranked.source {
                    RankSource::Nothing => "no label names another".to_owned(),
                    RankSource::Label(label) => format!("label {label:?}"),
                    RankSource::Field(value) => format!("its priority field says {value:?}"),
                };
                if ranked.is_aged() {
                    let waited = length(ranked.waited);
                    format!("{named} ({source}), made {rank} by {waited} of waiting")
                } else {
                    format!("the oldest that fits of rank {rank} ({source}), open for {open}")
                }
            }
            Self::Followup { own: true, .. } => "feedback on your own pull request".to_owned(),
            Self::Followup { own: false, waited } => {
                format!("feedback that nobody had answered for {}", length(*waited))
            }
        }
    }
}

/// A length of time in words, of its largest unit.
fn length(time: Millis) -> String {
    let seconds = time.0.max(0) / 1_000;
    let (n, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {unit}{s}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_choice_has_words() {
        let issue = |rank, named, source, minutes| Chosen::Issue {
            ranked: Ranked {
                rank,
                named,
                source,
                waited: Millis::minutes(minutes),
            },
            open_for: Millis::minutes(minutes),
        };
        let label = RankSource::Label("priority: high".to_owned());
        let day = 24 * 60;
        for (chosen, words) in [
            (
                issue(Priority::High, Priority::High, label, 12 * day),
                "the oldest that fits of rank high (label \"priority: high\"), open for 12 days",
            ),
            (
                issue(Priority::Medium, Priority::Medium, RankSource::Nothing, 60),
                "the oldest that fits of rank medium (no label names another), open for 1 hour",
            ),
            (
                issue(
                    Priority::High,
                    Priority::Medium,
                    RankSource::Nothing,
                    14 * day,
                ),
                "medium (no label names another), made high by 14 days of waiting",
            ),
            (
                Chosen::Followup {
                    own: true,
                    waited: Millis(0),
                },
                "feedback on your own pull request",
            ),
            (
                Chosen::Followup {
                    own: false,
                    waited: Millis::minutes(180),
                },
                "feedback that nobody had answered for 3 hours",
            ),
        ] {
            assert_eq!(chosen.words(), words);
        }
    }
}
