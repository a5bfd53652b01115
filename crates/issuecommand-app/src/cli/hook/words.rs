//! What hooks say to the model, in a few hundred bytes. Text of strangers never stands in it.

use issuecommand_core::domain::bounds::beginning;

/// The most bytes of a hook's words.
const MOST: usize = 600;
/// The most bytes of a note in them.
const NOTE: usize = 100;

/// What an agent has and was told, however it was found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::cli) struct Sight {
    /// What the session holds.
    pub(in crate::cli) held: Vec<Held>,
    /// Feedback that waits for it.
    pub(in crate::cli) feedback: Vec<Feedback>,
    /// What it lost, ended or was given by another's hand.
    pub(in crate::cli) notices: Vec<String>,
}

/// An issue that an agent holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Held {
    pub(in crate::cli) agent: String,
    pub(in crate::cli) claim: String,
    pub(in crate::cli) repo: String,
    pub(in crate::cli) number: i64,
    pub(in crate::cli) status: String,
    /// The last note of its history.
    pub(in crate::cli) note: Option<String>,
    /// Whether a pull request is known.
    pub(in crate::cli) has_pull: bool,
}

impl Held {
    /// Whether its agent has begun with it and shown no result.
    fn is_unfinished(&self) -> bool {
        self.status == "in_progress" && !self.has_pull
    }
}

/// Feedback on a pull request that waits for its agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Feedback {
    pub(in crate::cli) agent: String,
    pub(in crate::cli) item: String,
    pub(in crate::cli) repo: String,
    pub(in crate::cli) number: i64,
    /// How many reviews and comments wait for an answer.
    pub(in crate::cli) asks: usize,
    /// Changes when more comes.
    pub(in crate::cli) version: String,
}

impl Sight {
    /// What is held and what waits, and the name that the model must give in its calls. `None` if there is nothing of these.
    pub(super) fn at_start(&self, name: Option<&str>) -> Option<String> {
        let has_none = self.held.is_empty() && self.feedback.is_empty() && self.notices.is_empty();
        if has_none && name.is_none() {
            return None;
        }
        let held: Vec<String> = self.held.iter().map(said_of).collect();
        let mut parts = Vec::new();
        parts.push(match name {
            Some(name) => format!(
                "IssueCommand: you are {name}. Give agent_id {name:?} in each call of its tools."
            ),
            None => format!("IssueCommand: you are {}.", self.agents().join(" and ")),
        });
        if has_none {
            return Some(parts.remove(0));
        }
        if !self.feedback.is_empty() {
            parts.push(format!(
                "Review feedback waits for you on {}: next_work gives it.",
                self.feedback_places()
            ));
        }
        parts.extend(self.notices.iter().map(|notice| one_line(notice, 200)));
        let end = "Begin with get_my_work.";
        Some(fitted(&parts, "You hold", &held, end))
    }

    /// What happened while the agent was at work. `None` if nothing did.
    pub(super) fn after_tool(&self) -> Option<String> {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.notices.iter().map(|notice| one_line(notice, 200)));
        if !self.feedback.is_empty() {
            parts.push(format!(
                "New review feedback on your pull request {}: finish what you are at, then take it with next_work.",
                self.feedback_places()
            ));
        }
        if parts.is_empty() {
            return None;
        }
        parts.insert(0, "IssueCommand:".to_owned());
        Some(fitted(&parts, "", &[], ""))
    }

    /// The question about work that has begun and has no pull request. `None` if there is none.
    pub(super) fn unfinished(&self) -> Option<String> {
        let held = self.held.iter().filter(|held| held.is_unfinished());
        let held: Vec<String> = held
            .map(|held| format!("{}#{}", held.repo, held.number))
            .collect();
        if held.is_empty() {
            return None;
        }
        let begin = ["IssueCommand:".to_owned()];
        let end = "in_progress, without a pull request. If it is done, say so by update_claim_status pr_submitted with pr_url. If you cannot \
                   finish it, release_issue with the reason. If you wait for somebody, say for whom. You are asked once.";
        Some(fitted(&begin, "you still hold", &held, end))
    }

    /// The claims that [`Self::unfinished`] asks about.
    pub(super) fn unfinished_claims(&self) -> impl Iterator<Item = &Held> {
        self.held.iter().filter(|held| held.is_unfinished())
    }

    /// That feedback came, which begins a turn. `None` if none did.
    pub(in crate::cli) fn woken(&self) -> Option<String> {
        if self.feedback.is_empty() {
            return None;
        }
        let asks: usize = self.feedback.iter().map(|item| item.asks).sum();
        let (s, wait) = if asks == 1 {
            ("", "waits")
        } else {
            ("s", "wait")
        };
        Some(format!(
            "IssueCommand: review feedback came on your pull request {}: {asks} review{s} or comment{s} {wait} for an answer. Take it with \
             next_work and answer it.",
            self.feedback_places()
        ))
    }

    fn agents(&self) -> Vec<&str> {
        let held = self.held.iter().map(|held| held.agent.as_str());
        let waits = self.feedback.iter().map(|item| item.agent.as_str());
        let mut agents: Vec<&str> = held.chain(waits).collect();
        agents.sort_unstable();
        agents.dedup();
        if agents.is_empty() {
            agents.push("in a session that had work");
        }
        agents
    }

    fn feedback_places(&self) -> String {
        let mut places: Vec<String> = self.feedback.iter().map(Feedback::place).collect();
        places.dedup();
        if places.len() > 4 {
            let more = places.len() - 3;
            places.truncate(3);
            places.push(format!("{more} more"));
        }
        places.join(", ")
    }
}

impl Feedback {
    fn place(&self) -> String {
        format!("{}#{}", self.repo, self.number)
    }
}

fn said_of(held: &Held) -> String {
    let note = held.note.as_deref().map(|note| one_line(note, NOTE));
    let note = note.map_or_else(String::new, |note| format!("; last note: {note}"));
    format!("{}#{} ({}{note})", held.repo, held.number, held.status)
}

/// A text in one line of so many bytes at most.
pub(in crate::cli) fn one_line(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let kept = beginning(&line, most);
    if kept.len() < line.len() {
        format!("{}…", kept.trim_end())
    } else {
        line
    }
}

/// The parts, then as many of the list as fit, then the end; [`MOST`] bytes in all.
fn fitted(parts: &[String], verb: &str, list: &[String], end: &str) -> String {
    let mut text = String::new();
    for part in parts {
        // What is left out here, get_my_work shows.
        if text.len() + part.len() + end.len() + 20 > MOST {
            continue;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(part);
    }
    let mut shown = 0;
    for item in list {
        let lead = match shown {
            0 => format!(" {verb} "),
            _ => ", ".to_owned(),
        };
        let left = format!(" and {} more (get_my_work lists all)", list.len());
        let needed = text.len() + lead.len() + item.len() + left.len() + end.len() + 2;
        if needed > MOST {
            break;
        }
        text.push_str(&lead);
        text.push_str(item);
        shown += 1;
    }
    let rest = list.len() - shown;
    let others = if shown > 0 {
        format!(" and {rest} more (get_my_work lists all)")
    } else {
        format!(" {verb} {rest} issues")
    };
    if rest > 0 {
        text.push_str(&others);
    }
    if !list.is_empty() {
        text.push_str(if end.starts_with(char::is_lowercase) {
            ", "
        } else {
            ". "
        });
    } else if !end.is_empty() {
        text.push(' ');
    }
    text.push_str(end);
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(number: i64, status: &str, note: Option<&str>) -> Held {
        Held {
            agent: "claude-7f3e".to_owned(),
            claim: format!("c{number}"),
            repo: "acme/web".to_owned(),
            number,
            status: status.to_owned(),
            note: note.map(str::to_owned),
            has_pull: status.starts_with("pr_"),
        }
    }

    fn feedback(number: i64, asks: usize) -> Feedback {
        Feedback {
            agent: "claude-7f3e".to_owned(),
            item: format!("w{number}"),
            repo: "acme/web".to_owned(),
            number,
            asks,
            version: "1".to_owned(),
        }
    }

    #[test]
    fn a_session_hears_what_it_holds_and_what_waits() {
        let sight = Sight {
            held: vec![
                held(127, "in_progress", Some("the parser\nis next")),
                held(9, "pr_submitted", None),
            ],
            feedback: vec![feedback(640, 2)],
            notices: Vec::new(),
        };
        assert_eq!(
            sight.at_start(None).unwrap(),
            "IssueCommand: you are claude-7f3e. Review feedback waits for you on acme/web#640: next_work gives it. You hold acme/web#127 \
             (in_progress; last note: the parser is next), acme/web#9 (pr_submitted). Begin with get_my_work."
        );
        assert_eq!(
            sight.unfinished().unwrap(),
            "IssueCommand: you still hold acme/web#127, in_progress, without a pull request. If it is done, say so by update_claim_status \
             pr_submitted with pr_url. If you cannot finish it, release_issue with the reason. If you wait for somebody, say for whom. You \
             are asked once."
        );
        assert_eq!(
            sight.woken().unwrap(),
            "IssueCommand: review feedback came on your pull request acme/web#640: 2 reviews or comments wait for an answer. Take it with \
             next_work and answer it."
        );
        assert_eq!(
            sight.after_tool().unwrap(),
            "IssueCommand: New review feedback on your pull request acme/web#640: finish what you are at, then take it with next_work."
        );
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        let nothing = Sight::default();
        assert_eq!(nothing.at_start(None), None);
        assert_eq!(nothing.after_tool(), None);
        assert_eq!(nothing.unfinished(), None);
        assert_eq!(nothing.woken(), None);
    }

    #[test]
    fn the_words_are_bounded_whatever_there_is() {
        let long = "é".repeat(5_000);
        for count in [1, 2, 5, 40, 300] {
            for note in [None, Some("short"), Some(long.as_str())] {
                let sight = Sight {
                    held: (1..=count).map(|n| held(n, "in_progress", note)).collect(),
                    feedback: (1..=count).map(|n| feedback(n, 3)).collect(),
                    notices: vec![long.clone(); 10],
                };
                for words in [
                    sight.at_start(None),
                    sight.after_tool(),
                    sight.unfinished(),
                    sight.woken(),
                ] {
                    let words = words.unwrap();
                    assert!(words.len() <= MOST, "{} {words}", words.len());
                    assert!(!words.contains('\n'));
                }
                assert!(
                    sight
                        .at_start(None)
                        .unwrap()
                        .ends_with("Begin with get_my_work.")
                );
            }
        }
        let many = Sight {
            held: (1..=300).map(|n| held(n, "claimed", None)).collect(),
            ..Sight::default()
        };
        let words = many.at_start(None).unwrap();
        assert!(words.contains("more (get_my_work lists all)"), "{words}");
    }
}
