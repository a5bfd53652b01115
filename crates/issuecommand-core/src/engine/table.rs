//! The rows of one table as a batch sees them: the loaded rows, and which of them the batch changed.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use crate::engine::fence::{Fence, Fenced, FencedWrite};

/// A row with a primary key.
pub trait Row: Clone + 'static {
    /// The type of its primary key.
    type Key: Ord + Clone + Debug;

    /// Its primary key.
    fn primary_key(&self) -> Self::Key;
}

/// Rows by primary key.
#[derive(Clone, Debug, PartialEq)]
pub struct Table<T: Row> {
    rows: BTreeMap<T::Key, T>,
    /// Keys of rows that were put or removed.
    changed: BTreeSet<T::Key>,
}

impl<T: Row> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            changed: BTreeSet::new(),
        }
    }
}

/// The changes of a batch in a table. Each key is in one of the lists, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableWrite<T: Row> {
    /// Rows to insert or replace, in order of key.
    pub put: Vec<T>,
    /// Keys of rows to delete.
    pub removed: Vec<T::Key>,
}

impl<T: Row> Default for TableWrite<T> {
    fn default() -> Self {
        Self {
            put: Vec::new(),
            removed: Vec::new(),
        }
    }
}

impl<T: Row> TableWrite<T> {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.put.is_empty() && self.removed.is_empty()
    }
}

impl<T: Row> Table<T> {
    /// Adds a row as the store has it.
    pub fn load(&mut self, row: T) {
        self.rows.insert(row.primary_key(), row);
    }

    /// The row with this key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&T>
    where
        T::Key: Borrow<Q>,
    {
        self.rows.get(key)
    }

    /// All rows, in order of key.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    /// The rows from this key on, in order of key.
    pub(crate) fn rows_from(&self, key: T::Key) -> impl Iterator<Item = &T> {
        self.rows.range(key..).map(|(_, row)| row)
    }

    /// Inserts or replaces a row and marks it for writing.
    pub(crate) fn put(&mut self, row: T) {
        self.changed.insert(row.primary_key());
        self.load(row);
    }

    /// Deletes a row and marks it for deletion.
    pub(crate) fn remove(&mut self, key: &T::Key) {
        self.rows.remove(key);
        self.changed.insert(key.clone());
    }

    /// Keys of the rows that were put or removed.
    pub(crate) fn changed(&self) -> &BTreeSet<T::Key> {
        &self.changed
    }

    /// The changes as writes for a store.
    pub(crate) fn into_write(self) -> TableWrite<T> {
        let Self { mut rows, changed } = self;
        let mut write = TableWrite::default();
        for key in changed {
            match rows.remove(&key) {
                Some(row) => write.put.push(row),
                None => write.removed.push(key),
            }
        }
        write
    }

    /// Applies a batch's writes to a memory store.
    pub(crate) fn store(&mut self, write: TableWrite<T>) {
        write.put.into_iter().for_each(|row| self.load(row));
        for key in &write.removed {
            self.rows.remove(key);
        }
    }

    /// All rows of a memory store, for changes in place.
    pub(crate) fn rows_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.rows.values_mut()
    }

    /// Deletes the other rows of a memory store.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.rows.retain(|_, row| keep(row));
    }
}

/// Rows with a status and a history, each with the version that the store has.
#[derive(Clone, Debug)]
pub struct FencedTable<T: Row + Fenced>(BTreeMap<T::Key, Slot<T>>);

#[derive(Clone, Debug)]
struct Slot<T: Fenced> {
    row: T,
    /// `None` for a row that the batch created.
    before: Option<Fence<T::Status>>,
    /// The number of history entries in the store.
    stored: usize,
    changed: bool,
}

impl<T: Row + Fenced> Default for FencedTable<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Row + Fenced> FencedTable<T> {
    /// Adds a row as the store has it.
    pub fn load(&mut self, row: T) {
        let slot = Slot {
            before: Some(row.fence()),
            stored: row.entries(),
            changed: false,
            row,
        };
        self.0.insert(slot.row.primary_key(), slot);
    }

    /// The row with this key.
    pub fn get(&self, key: &T::Key) -> Option<&T> {
        self.0.get(key).map(|slot| &slot.row)
    }

    /// All rows, in order of key.
    pub fn rows(&self) -> impl Iterator<Item = &T> {
        self.0.values().map(|slot| &slot.row)
    }

    /// Inserts or replaces a row and marks it for writing.
    pub(crate) fn put(&mut self, row: T) {
        let key = row.primary_key();
        if let Some(slot) = self.0.get_mut(&key) {
            (slot.row, slot.changed) = (row, true);
            return;
        }
        let slot = Slot {
            row,
            before: None,
            stored: 0,
            changed: true,
        };
        self.0.insert(key, slot);
    }

    /// Changes rows in place as a statement of the store changes all of its rows, so that those that it loaded need no writing.
    pub(crate) fn touch(&mut self, mut change: impl FnMut(&mut T)) {
        self.0.values_mut().for_each(|slot| change(&mut slot.row));
    }

    /// The changed rows as writes, in order of key.
    pub(crate) fn into_writes(self) -> Vec<FencedWrite<T>> {
        let slots = self.0.into_values().filter(|slot| slot.changed);
        let writes = slots.map(|slot| FencedWrite {
            row: slot.row,
            before: slot.before,
            new_from: slot.stored,
        });
        writes.collect()
    }
}

/// Rows that can be looked up by key and iterated.
pub(crate) trait Lookup<T: Row> {
    fn get(&self, key: &T::Key) -> Option<&T>;
    fn rows(&self) -> impl Iterator<Item = &T>;
}

impl<T: Row> Lookup<T> for Table<T> {
    fn get(&self, key: &T::Key) -> Option<&T> {
        Table::get(self, key)
    }

    fn rows(&self) -> impl Iterator<Item = &T> {
        Table::rows(self)
    }
}

impl<T: Row + Fenced> Lookup<T> for FencedTable<T> {
    fn get(&self, key: &T::Key) -> Option<&T> {
        FencedTable::get(self, key)
    }

    fn rows(&self) -> impl Iterator<Item = &T> {
        FencedTable::rows(self)
    }
}

/// Changed rows on top of the rows they were read from. A changed row hides the one below.
#[derive(Debug)]
pub(crate) struct Overlay<'a, T: Row, B> {
    below: &'a B,
    changed: BTreeMap<T::Key, T>,
}

impl<'a, T: Row, B: Lookup<T>> Overlay<'a, T, B> {
    pub(crate) fn new(below: &'a B) -> Self {
        Self {
            below,
            changed: BTreeMap::new(),
        }
    }

    pub(crate) fn put(&mut self, row: T) {
        self.changed.insert(row.primary_key(), row);
    }

    /// Returns a row for changes in place. It is copied once, on the first call.
    pub(crate) fn edit(&mut self, key: &T::Key) -> Option<&mut T> {
        if !self.changed.contains_key(key) {
            let row = self.below.get(key)?.clone();
            self.changed.insert(key.clone(), row);
        }
        self.changed.get_mut(key)
    }

    /// Drops the changes of a row.
    pub(crate) fn undo(&mut self, key: &T::Key) {
        self.changed.remove(key);
    }

    /// The changed rows, in order of key.
    pub(crate) fn changed(&self) -> &BTreeMap<T::Key, T> {
        &self.changed
    }

    pub(crate) fn into_changed(self) -> impl Iterator<Item = T> {
        self.changed.into_values()
    }
}

impl<T: Row, B: Lookup<T>> Lookup<T> for Overlay<'_, T, B> {
    fn get(&self, key: &T::Key) -> Option<&T> {
        self.changed.get(key).or_else(|| self.below.get(key))
    }

    fn rows(&self) -> impl Iterator<Item = &T> {
        let kept = |row: &&T| !self.changed.contains_key(&row.primary_key());
        self.below.rows().filter(kept).chain(self.changed.values())
    }
}
