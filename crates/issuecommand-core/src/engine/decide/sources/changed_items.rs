//! Collects what one command did to follow-ups, so that each gets one event.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::followup::{Resolution, WorkItemId};

/// The items that one command touched, with the notes for their events.
#[derive(Debug, Default)]
pub(in crate::engine::decide) struct TouchedItems(pub(super) BTreeMap<WorkItemId, Touch>);

/// The most notes in one event. The rest is counted.
const NOTES: usize = 20;

/// What one command did to an item.
#[derive(Debug, Default)]
pub(super) struct Touch {
    pub(super) made: bool,
    notes: Vec<String>,
    /// All notes, including those over the limit.
    noted: BTreeSet<String>,
    pub(super) ending: Option<Resolution>,
}

impl Touch {
    /// The text of the item's event.
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

    /// Whether the command created this item.
    pub(in crate::engine::decide) fn made(&self, item: WorkItemId) -> bool {
        self.0.get(&item).is_some_and(|touch| touch.made)
    }
}
