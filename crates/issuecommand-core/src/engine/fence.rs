//! Fences: a row with a status is written only if the store still has the version that was loaded.

use crate::domain::claim::{Claim, ClaimStatus, StatusEntry};
use crate::domain::followup::{Followup, FollowupEntry, FollowupStatus};
use crate::domain::time::Timestamp;

/// A row with a status and a history. It is written only if the store still has the version that was loaded.
pub trait Fenced {
    /// The type of its status.
    type Status: Copy + Eq + std::fmt::Debug;
    /// The type of a history entry.
    type Entry;

    /// The condition for writing the row.
    fn fence(&self) -> Fence<Self::Status>;

    /// The number of earlier history entries, and the held ones, which are the last.
    fn history(&self) -> (usize, &[Self::Entry]);

    /// The total number of history entries.
    fn entries(&self) -> usize {
        let (earlier, held) = self.history();
        earlier + held.len()
    }
}

/// The version that the store must still have for a row to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence<S> {
    /// The status when it was loaded.
    pub status: S,
    /// The last update when it was loaded, in milliseconds.
    pub last_updated: Timestamp,
}

/// A fenced row to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FencedWrite<T: Fenced> {
    /// The new version of the row.
    pub row: T,
    /// `None` for a new row.
    pub before: Option<Fence<T::Status>>,
    /// Index of the first new history entry, counted from the very first entry.
    pub new_from: usize,
}

impl<T: Fenced> FencedWrite<T> {
    /// The new history entries with their indexes.
    pub fn new_entries(&self) -> impl Iterator<Item = (usize, &T::Entry)> {
        let (earlier, held) = self.row.history();
        let places = held.iter().enumerate();
        let places = places.map(move |(n, entry)| (earlier + n, entry));
        places.skip(self.new_from.saturating_sub(earlier))
    }
}

/// A claim to write.
pub type ClaimWrite = FencedWrite<Claim>;

/// A follow-up to write.
pub type FollowupWrite = FencedWrite<Followup>;

impl Fenced for Claim {
    type Status = ClaimStatus;
    type Entry = StatusEntry;

    fn fence(&self) -> Fence<ClaimStatus> {
        Fence {
            status: self.status,
            last_updated: self.last_updated,
        }
    }

    fn history(&self) -> (usize, &[Self::Entry]) {
        (self.earlier, &self.history)
    }
}

impl Fenced for Followup {
    type Status = FollowupStatus;
    type Entry = FollowupEntry;

    fn fence(&self) -> Fence<FollowupStatus> {
        Fence {
            status: self.status,
            last_updated: self.last_updated,
        }
    }

    fn history(&self) -> (usize, &[Self::Entry]) {
        (self.earlier, &self.history)
    }
}
