//! Priority by the words of labels, whatever their spelling.

use serde::{Deserialize, Serialize};

/// Four ranks; the lower is served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// Drop everything.
    Critical,
    /// Before the usual.
    High,
    /// The usual; also when no label says anything.
    Medium,
    /// After the usual.
    Low,
}

impl Rank {
    /// All four, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// 0 to 3, as stores keep it.
    pub fn number(self) -> i64 {
        match self {
            Self::Critical => 0,
            Self::High => 1,
            Self::Medium => 2,
            Self::Low => 3,
        }
    }

    /// The rank of a stored number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|rank| rank.number() == number)
    }

    /// The word for it in `PRIORITY_LABELS`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// The built-in table. `p` and `sev` stand before the digit of a scale; see [`PriorityTable::rank`].
const BUILT_IN: &str = "critical=critical,p0,sev0,sev1,s0,s1,urgent,blocker,highest,emergency,showstopper,asap;\
     high=high,p1,sev2,s2,important,major;\
     medium=medium,p2,sev3,s3,normal,moderate,default;\
     low=low,p3,p4,p5,sev4,sev5,s4,minor,lowest,trivial,nice to have,someday,backlog";

/// Words that say "what follows (or stands before) is a priority".
const QUALIFIERS: [&str; 9] = [
    "priority",
    "prio",
    "pri",
    "severity",
    "sev",
    "importance",
    "urgency",
    "impact",
    "p",
];

/// Which words of a label mean which rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriorityTable {
    entries: Vec<(Vec<String>, Rank)>,
    source: String,
}

/// Why a text is no [`PriorityTable`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not of the form critical=word,word;high=word;medium=word;low=word")]
pub struct BadPriorityTable(pub String);

impl Default for PriorityTable {
    fn default() -> Self {
        Self::parse(BUILT_IN).expect("the built-in table is well formed")
    }
}

impl PriorityTable {
    /// Reads `critical=p0,urgent;high=p1;low=p3`. A rank that is not named has no words; medium is what is left.
    ///
    /// # Errors
    /// [`BadPriorityTable`] with the part that could not be read.
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
            let rank = Rank::ALL
                .into_iter()
                .find(|r| r.word() == rank)
                .ok_or_else(bad)?;
            for entry in list.split(',') {
                let entry = words(entry);
                if entry.is_empty() {
                    return Err(bad());
                }
                entries.push((entry, rank));
            }
        }
        Ok(Self {
            entries,
            source: text.to_owned(),
        })
    }

    /// The text it was read from: two tables with the same text rank alike.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The most urgent rank that any label names; medium when none does.
    pub fn rank(&self, labels: &[String]) -> Rank {
        labels
            .iter()
            .filter_map(|label| self.rank_of(label))
            .min()
            .unwrap_or(Rank::Medium)
    }

    /// What one label says. It speaks of priority when the whole of it is an entry of the table (`P0`, `nice-to-have`),
    /// when an entry stands beside a qualifier (`priority/high`, `severity: critical`, `high priority`, `sev-1`), or when it
    /// opens with a code such as `P1` (`P1 - soon`). So `high-contrast` and `low-level API` say nothing.
    fn rank_of(&self, label: &str) -> Option<Rank> {
        let label = words(label);
        let entry = |wanted: &[String]| {
            self.entries
                .iter()
                .filter(|(entry, _)| entry == wanted)
                .map(|(_, rank)| *rank)
                .min()
        };
        if let Some(rank) = entry(&label) {
            return Some(rank);
        }
        let qualified = label.iter().any(|word| QUALIFIERS.contains(&word.as_str()));
        if qualified {
            let scale = if label.iter().any(|w| w.starts_with("sev")) {
                "sev"
            } else {
                "p"
            };
            let rest: Vec<String> = label
                .iter()
                .filter(|word| !QUALIFIERS.contains(&word.as_str()))
                .map(|word| {
                    if is_digit(word) {
                        format!("{scale}{word}")
                    } else {
                        word.clone()
                    }
                })
                .collect();
            let single = || {
                rest.iter()
                    .filter_map(|word| entry(std::slice::from_ref(word)))
                    .min()
            };
            return entry(&rest).or_else(single);
        }
        let first = label.first().filter(|word| is_code(word))?;
        entry(std::slice::from_ref(first))
    }
}

/// Lower case, split at everything that is neither letter nor digit.
fn words(label: &str) -> Vec<String> {
    label
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn is_digit(word: &str) -> bool {
    word.len() == 1 && word.bytes().all(|b| b.is_ascii_digit())
}

/// `p1`, `sev2`: letters of a scale and one digit.
fn is_code(word: &str) -> bool {
    ["p", "sev", "s"]
        .iter()
        .any(|scale| word.strip_prefix(scale).is_some_and(is_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(labels: &[&str]) -> Rank {
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
            assert_eq!(rank(&[label]), Rank::Critical, "{label}");
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
            assert_eq!(rank(&[label]), Rank::High, "{label}");
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
            assert_eq!(rank(&[label]), Rank::Medium, "{label}");
        }
        for label in [
            "p3",
            "priority low",
            "nice-to-have",
            "minor",
            "priority: nice to have",
        ] {
            assert_eq!(rank(&[label]), Rank::Low, "{label}");
        }
        assert_eq!(rank(&[]), Rank::Medium);
        assert_eq!(
            rank(&["low", "bug", "p1"]),
            Rank::High,
            "the most urgent label decides"
        );
    }

    #[test]
    fn the_table_can_be_replaced() {
        let table = PriorityTable::parse("critical=now;low = someday soon").unwrap();
        let of = |label: &str| table.rank(&[label.to_owned()]);
        assert_eq!(
            (of("NOW"), of("someday-soon"), of("p0")),
            (Rank::Critical, Rank::Low, Rank::Medium)
        );
        for bad in ["critical", "urgent=p0", "high=,"] {
            assert!(PriorityTable::parse(bad).is_err(), "{bad}");
        }
    }
}
