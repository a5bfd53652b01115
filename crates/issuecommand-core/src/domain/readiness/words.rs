//! What the reasons say to people, agents and programs alike.

use super::NotReady;
use crate::domain::halt::{Halt, HaltKind};
use crate::domain::issue::{IssuePlace, WithheldReason};
use crate::domain::repo_policy::RepoPolicy;

impl NotReady {
    /// One sentence for a person or an agent, the same on every surface. Labels and logins are GitHub's texts.
    pub fn words(&self) -> String {
        match self {
            Self::Closed => "It is closed on GitHub".to_owned(),
            Self::RepoNotOffered => {
                "Its repository is archived, or GitHub does not show it any more".to_owned()
            }
            Self::Held { agent } => format!("{:?} works on it", agent.as_str()),
            Self::Withheld(why) => withheld_words(*why).to_owned(),
            Self::RepoPaused(halt) => paused_words(halt),
            Self::NeedsHuman(parked) => parked.to_string(),
            Self::UntrustedAuthor {
                author,
                edited,
                labels,
            } => untrusted_words(author.as_deref(), *edited, labels),
            Self::MergedPr { url, hidden } => {
                let what = match url {
                    Some(url) => format!("{url}, which closes it, was merged"),
                    None if *hidden => "A pull request that closes it was merged".to_owned(),
                    None => "Its agent ended it as done".to_owned(),
                };
                format!(
                    "{what}, and GitHub still shows it open: close it there, or close and reopen it to have it handed out again"
                )
            }
            Self::HasOpenPr { pulls } => match &pulls[..] {
                [] => "An open pull request closes it".to_owned(),
                [pull] => format!("The open pull request {pull} closes it"),
                pulls => format!("The open pull requests {} close it", listed(pulls)),
            },
            Self::BlockedBy {
                open,
                hidden,
                cycle,
            } => {
                let circle = if *cycle {
                    "; they block each other in a circle, which a person must break"
                } else {
                    ""
                };
                format!(
                    "It is blocked by {}{circle}",
                    waited_for(open, *hidden, "issue")
                )
            }
            Self::HasOpenChildren { open, hidden } => {
                format!("It waits for {}", waited_for(open, *hidden, "sub-issue"))
            }
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
            Self::ExcludedLabel { label, by_repo } => {
                let named = setting("READY_EXCLUDE_LABELS", "exclude_labels", *by_repo);
                format!("It has the label {label:?}, which {named} names")
            }
            Self::MissingLabel { wanted, by_repo } => {
                let named = setting("READY_REQUIRE_LABELS", "require_labels", *by_repo);
                format!("It has none of {named} ({})", wanted.join(", "))
            }
            Self::MissingType {
                wanted,
                kind,
                by_repo,
            } => {
                let named = setting("READY_TYPES", "types", *by_repo);
                let own = match kind {
                    Some(kind) => format!("Its type {kind} is none"),
                    None => "It has no type, so it is none".to_owned(),
                };
                format!("{own} of {named} ({})", wanted.join(", "))
            }
        }
    }
}

/// The name of a setting of the operator, or of the key with which a repository asks for the same.
fn setting(operators: &str, key: &str, by_repo: bool) -> String {
    if by_repo {
        format!("{key} in its repository's {}", RepoPolicy::PATH)
    } else {
        operators.to_owned()
    }
}

/// The most issues that a sentence names.
const NAMED: usize = 5;

fn listed(places: &[IssuePlace]) -> String {
    let names: Vec<String> = places.iter().take(NAMED).map(ToString::to_string).collect();
    match places.len().saturating_sub(NAMED) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// The open issues that are known, and how many cannot be seen.
fn waited_for(open: &[IssuePlace], hidden: u32, what: &str) -> String {
    let plural = if hidden == 1 { "" } else { "s" };
    let unseen = format!("{hidden} {what}{plural} that cannot be seen here and count as open");
    match (open, hidden) {
        ([], 0) => format!("an open {what}"),
        ([], _) => unseen,
        ([one], 0) => format!("{one}, which is open"),
        (open, 0) => format!("{}, which are open", listed(open)),
        (open, _) => format!("{}, and {unseen}", listed(open)),
    }
}

fn untrusted_words(author: Option<&str>, edited: bool, labels: &[String]) -> String {
    let who = match author {
        Some(login) => format!("Its author @{login} has no write access"),
        None => "Its author's account was deleted".to_owned(),
    };
    let labels = labels.join(", ");
    if edited {
        format!(
            "{who}, and it was edited after it got its label of READY_APPROVE_LABELS ({labels}): take the label away and put it back"
        )
    } else {
        format!("{who}, and it has no label of READY_APPROVE_LABELS ({labels})")
    }
}

fn paused_words(halt: &Halt) -> String {
    let how = match halt.kind {
        HaltKind::Paused => "paused",
        HaltKind::Draining => "being drained",
    };
    let note = halt.note.as_ref().map(|note| format!(": {note}"));
    let (since, note) = (halt.at, note.unwrap_or_default());
    format!("Work in its repository is {how} since {since}{note}")
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
    use crate::domain::id::IssueNumber;
    use crate::domain::repo_name::RepoName;

    fn place(number: i64) -> IssuePlace {
        IssuePlace {
            repo: RepoName::parse("acme/api").expect("a name"),
            number: IssueNumber::new(number).expect("a number"),
        }
    }

    #[test]
    fn each_reason_has_words_for_people() {
        let label = |label: &str| NotReady::ExcludedLabel {
            label: label.to_owned(),
            by_repo: false,
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
                NotReady::BlockedBy {
                    open: vec![place(3)],
                    hidden: 0,
                    cycle: false,
                },
                "It is blocked by acme/api#3, which is open",
            ),
            (
                NotReady::BlockedBy {
                    open: vec![place(3)],
                    hidden: 2,
                    cycle: true,
                },
                "It is blocked by acme/api#3, and 2 issues that cannot be seen here and count as open; they block each other in a \
                 circle, which a person must break",
            ),
            (
                NotReady::HasOpenChildren {
                    open: (1..=7).map(place).collect(),
                    hidden: 0,
                },
                "It waits for acme/api#1, acme/api#2, acme/api#3, acme/api#4, acme/api#5 and 2 more, which are open",
            ),
            (
                NotReady::HasOpenPr {
                    pulls: vec![place(9)],
                },
                "The open pull request acme/api#9 closes it",
            ),
            (
                NotReady::UntrustedAuthor {
                    author: Some("eve".to_owned()),
                    edited: false,
                    labels: vec!["agent-ok".to_owned()],
                },
                "Its author @eve has no write access, and it has no label of READY_APPROVE_LABELS (agent-ok)",
            ),
            (
                NotReady::MissingType {
                    wanted: vec!["bug".to_owned()],
                    kind: Some("Task".to_owned()),
                    by_repo: false,
                },
                "Its type Task is none of READY_TYPES (bug)",
            ),
            (
                NotReady::MissingLabel {
                    wanted: vec!["ready".to_owned(), "agent".to_owned()],
                    by_repo: false,
                },
                "It has none of READY_REQUIRE_LABELS (ready, agent)",
            ),
            (
                NotReady::MissingLabel {
                    wanted: vec!["ready".to_owned()],
                    by_repo: true,
                },
                "It has none of require_labels in its repository's .github/issuecommand.toml (ready)",
            ),
        ] {
            assert_eq!(reason.words(), words);
        }
    }
}
