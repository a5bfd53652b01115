//! Warnings that other parts of the program set and withdraw.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Service;

/// Standing warnings of this process, by topic. Cheap to clone; all clones share one list.
#[derive(Clone, Debug, Default)]
pub struct StandingWarnings(Arc<Mutex<BTreeMap<&'static str, Vec<String>>>>);

/// The topic of the text that says why this process permanently answers no calls.
const GIVEN_UP: &str = "given up";

impl StandingWarnings {
    /// Records that this process has given up its database, with the reason for callers.
    pub fn give_up(&self, why: impl Into<String>) {
        self.set(GIVEN_UP, vec![why.into()]);
    }

    /// The reason why this process has given up its database, if it has.
    pub fn given_up(&self) -> Option<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(GIVEN_UP)?.first().cloned()
    }

    /// Replaces the texts of a topic; an empty list removes it. Returns the new texts, so that the caller can log each once.
    pub fn set(&self, topic: &'static str, texts: Vec<String>) -> Vec<String> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = all.remove(topic).unwrap_or_default();
        let new = texts
            .iter()
            .filter(|text| !before.contains(text))
            .cloned()
            .collect();
        if !texts.is_empty() {
            all.insert(topic, texts);
        }
        new
    }

    /// All texts, by topic.
    pub fn all(&self) -> Vec<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().flatten().cloned().collect()
    }
}

impl Service {
    /// The standing warnings, to read and to set.
    pub fn standing_warnings(&self) -> &StandingWarnings {
        &self.standing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_replaces_its_own_texts_and_says_which_are_new() {
        let warnings = StandingWarnings::default();
        let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(warnings.set("a", texts(&["1", "2"])), ["1", "2"]);
        assert_eq!(warnings.set("b", texts(&["3"])), ["3"]);
        assert_eq!(warnings.set("a", texts(&["2", "4"])), ["4"]);
        assert_eq!(warnings.clone().all(), ["2", "4", "3"]);
        assert!(warnings.set("a", Vec::new()).is_empty());
        assert_eq!(warnings.all(), ["3"]);
        assert_eq!(warnings.given_up(), None);
        warnings.give_up("5");
        assert_eq!(warnings.given_up().as_deref(), Some("5"));
    }
}
