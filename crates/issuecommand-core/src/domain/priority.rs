//! Priorities from the words of labels, in any spelling.

mod label;

use serde::{Deserialize, Serialize};

/// The four priorities. The lowest value is served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// More urgent than everything else.
    Critical,
    /// More urgent than usual.
    High,
    /// The default, also without a priority label.
    Medium,
    /// Less urgent than usual.
    Low,
}

impl Priority {
    /// All four, most urgent first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The stored form, 0 to 3.
    pub fn number(self) -> i64 {
        match self {
            Self::Critical => 0,
            Self::High => 1,
            Self::Medium => 2,
            Self::Low => 3,
        }
    }

    /// The priority with this stored number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|rank| rank.number() == number)
    }

    /// Its name in `PRIORITY_LABELS`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// The built-in table. `p` and `sev` come before the digit of a scale; see [`PriorityTable::rank`].
const BUILT_IN: &str = "critical=critical,p0,sev0,sev1,s0,s1,urgent,blocker,highest,emergency,showstopper,asap;\
     high=high,p1,sev2,s2,important,major;\
     medium=medium,p2,sev3,s3,normal,moderate,default;\
     low=low,p3,p4,p5,sev4,sev5,s4,minor,lowest,trivial,nice to have,someday,backlog";

/// The version of the rules for reading labels. It is part of [`PriorityTable::source`], so that a new version re-ranks all
/// issues at the next start.
const RULES: u32 = 2;

/// The label words of each priority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriorityTable {
    entries: Vec<(Vec<String>, Priority)>,
    source: String,
}

/// The error for a text that is not a [`PriorityTable`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not of the form critical=word,word;high=word;medium=word;low=word")]
pub struct BadPriorityTable(pub String);

impl Default for PriorityTable {
    fn default() -> Self {
        Self::parse(BUILT_IN).expect("the built-in table is well formed")
    }
}

impl PriorityTable {
    /// Parses `critical=p0,urgent;high=p1;low=p3`. A priority that is not named has no words; medium is the default.
    ///
    /// # Errors
    /// [`BadPriorityTable`] with the part that could not be parsed.
    pub fn parse(text: &str) -> Result<Self, BadPriorityTable> {
        let mut entries = Vec::new();
        for part in text
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let bad = || BadPriorityTable(part.to_owned());
            let (rank, list) = part.split_once('=').ok_or_else(bad)?;
            let rank = rank.trim().to_lowercase();
            let rank = Priority::ALL
                .into_iter()
                .find(|r| r.word() == rank)
                .ok_or_else(bad)?;
            for entry in list.split(',') {
                let entry = label::words(entry);
                if entry.is_empty() {
                    return Err(bad());
                }
                entries.push((entry, rank));
            }
        }
        Ok(Self {
            entries,
            source: format!("rules {RULES}: {text}"),
        })
    }

    /// This table with more words, in the same form. They replace the words that are the same; text that is not of the form adds none.
    #[must_use]
    pub fn with_words(&self, text: &str) -> Self {
        let own = Self::parse(text).map_or_else(|_| Vec::new(), |table| table.entries);
        let is_own = |words: &Vec<String>| own.iter().any(|(entry, _)| entry == words);
        let mut entries = self.entries.clone();
        entries.retain(|(words, _)| !is_own(words));
        entries.extend(own);
        Self {
            entries,
            source: self.source.clone(),
        }
    }

    /// Identifies the table and the rules: tables with the same source rank alike.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The most urgent priority that any label names; medium if none does.
    pub fn rank(&self, labels: &[String]) -> Priority {
        labels
            .iter()
            .filter_map(|label| self.rank_of(label))
            .min()
            .unwrap_or(Priority::Medium)
    }

    /// The first label that names the priority of [`Self::rank`]; `None` if no label names any.
    pub fn source_of<'a>(&self, labels: &'a [String]) -> Option<&'a str> {
        let rank = self.rank(labels);
        let mut labels = labels.iter().map(String::as_str);
        labels.find(|label| self.rank_of(label) == Some(rank))
    }

    /// The priority that one label names, if any; see [`label`].
    pub(crate) fn rank_of(&self, label: &str) -> Option<Priority> {
        label::rank(&self.entries, &label::words(label))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(labels: &[&str]) -> Priority {
        let labels: Vec<String> = labels.iter().map(|&l| l.to_owned()).collect();
        PriorityTable::default().rank(&labels)
    }

    #[test]
    fn spelling_does_not_matter() {
        for label in [
            "p0",
            "P0",
            "priority:critical",
            "severity: critical",
            "sev1",
            "SEV-1",
            "Urgent",
            "priority-0",
            "Blocker",
        ] {
            assert_eq!(rank(&[label]), Priority::Critical, "{label}");
        }
        for label in [
            "P1",
            "priority:high",
            "priority/high",
            "prio-high",
            "High Priority",
            "high",
            "p-1",
            "Priority: 1",
            "P1 - soon",
        ] {
            assert_eq!(rank(&[label]), Priority::High, "{label}");
        }
        for label in [
            "p2",
            "priority: medium",
            "bug",
            "high-contrast",
            "low-level API",
            "critical-css",
            "sp1ce",
            "php5",
            "step 1",
        ] {
            assert_eq!(rank(&[label]), Priority::Medium, "{label}");
        }
        for label in [
            "p3",
            "priority low",
            "nice-to-have",
            "minor",
            "priority: nice to have",
        ] {
            assert_eq!(rank(&[label]), Priority::Low, "{label}");
        }
        assert_eq!(rank(&[]), Priority::Medium);
        assert_eq!(
            rank(&["low", "bug", "p1"]),
            Priority::High,
            "the most urgent label decides"
        );
    }

    #[test]
    fn negation_and_comparison_name_no_rank() {
        for label in [
            "non-critical",
            "priority: non-critical",
            "priority/non_critical",
            "Priority: Not Urgent",
            "not urgent priority",
            "no priority",
            "priority: none",
            "not-a-blocker",
            "severity: not a blocker",
            "priority: isn't critical",
            "priority: isn\u{2019}t urgent",
            "priority: never urgent, never a blocker",
            "low/high",
            "high/low",
            "less urgent",
            "less urgent priority",
            "priority: less critical",
            "priority: lower",
            "priority: lower than high",
            "priority: below critical",
            "priority: high or lower",
            "P1 or lower",
            "less than P1",
            "not P0",
            "non-p0",
            "priority: not p0",
            "priority: un-important",
            "priority: critical? no",
            "urgent: false",
            "semi-critical impact",
            "least important, importance unknown",
        ] {
            assert_eq!(rank(&[label]), Priority::Medium, "{label}");
        }
        // Another label still counts.
        assert_eq!(rank(&["priority: non-critical", "p1"]), Priority::High);
        assert_eq!(rank(&["priority: not urgent", "minor"]), Priority::Low);
        // Words before the negation count.
        assert_eq!(rank(&["priority: low, not urgent"]), Priority::Low);
        assert_eq!(rank(&["P1 - not a blocker"]), Priority::High);
        assert_eq!(rank(&["priority no. 1"]), Priority::High);
    }

    #[test]
    fn several_ranks_of_one_label_come_to_the_lowest() {
        for (label, named) in [
            ("priority: low/high", Priority::Low),
            ("priority: high/critical", Priority::High),
            ("priority: critical or high", Priority::High),
            ("P1/P2", Priority::Medium),
            ("P0-P3", Priority::Low),
            ("priority: high / nice to have", Priority::Low),
            ("sev1/sev2", Priority::High),
            ("severity 1-2", Priority::High),
            ("priority: high (P1)", Priority::High),
        ] {
            assert_eq!(rank(&[label]), named, "{label}");
        }
    }

    #[test]
    fn an_entry_of_the_table_may_hold_a_negation() {
        let table = PriorityTable::parse("critical=critical;low=non-critical,not urgent").unwrap();
        let of = |label: &str| table.rank(&[label.to_owned()]);
        for label in ["non-critical", "priority: Non Critical", "not-urgent"] {
            assert_eq!(of(label), Priority::Low, "{label}");
        }
        assert_eq!(of("priority: not critical"), Priority::Medium);
    }

    #[test]
    fn the_source_names_table_and_rules() {
        let (one, other) = (
            PriorityTable::parse("high=p1").unwrap(),
            PriorityTable::parse("high=p2").unwrap(),
        );
        assert_ne!(one.source(), other.source());
        assert_ne!(
            one.source(),
            "high=p1",
            "as versions without rules stored it"
        );
    }

    #[test]
    fn the_table_can_be_replaced() {
        let table = PriorityTable::parse("critical=now;low = someday soon").unwrap();
        let of = |label: &str| table.rank(&[label.to_owned()]);
        assert_eq!(
            (of("NOW"), of("someday-soon"), of("p0")),
            (Priority::Critical, Priority::Low, Priority::Medium)
        );
        for bad in ["critical", "urgent=p0", "high=,"] {
            assert!(PriorityTable::parse(bad).is_err(), "{bad}");
        }
    }
}
