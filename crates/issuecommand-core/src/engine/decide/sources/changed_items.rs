//! What one command did to follow-ups, so that each is told of once.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::followup::{Resolution, WorkItemId};

/// The items that one command touched, each with what is told of it: one event an item.
#[derive(Debug, Default)]
pub(in crate::engine::decide) struct TouchedItems(pub(super) BTreeMap<WorkItemId, Touch>);

/// So many things that became of one item are told by one command; of the others how many they were.
const NOTES: usize = 20;

/// What became of one item.
#[derive(Debug, Default)]
pub(super) struct Touch {
    pub(super) made: bool,
    notes: Vec<String>,
    /// All of them, with those that are not told.
    noted: BTreeSet<String>,
    pub(super) ending: Option<Resolution>,
}

impl Touch {
    /// What is told of the item.
    pub(super) fn words(&self) -> String {
        let more = self.noted.len() - self.notes.len();
        let notes = self.notes.join("; ");
        if more == 0 {
            notes
        } else {
            format!("{notes}; and {more} more")
        }
    }
}

impl TouchedItems {
    pub(super) fn note(&mut self, item: WorkItemId, note: String) {
        let touch = self.0.entry(item).or_default();
        if touch.noted.insert(note.clone()) && touch.notes.len() < NOTES {
            touch.notes.push(note);
        }
    }

    /// Whether the command made this item.
    pub(in crate::engine::decide) fn made(&self, item: WorkItemId) -> bool {
        self.0.get(&item).is_some_and(|touch| touch.made)
    }
}
