//! The plain tables: a command names their rows by key, a rule reads and puts them, a store writes them as they are.
//!
//! A line in the list at the end makes a table: its place in what is read, seen and written, and its place in the memory store.

use std::collections::BTreeSet;

use super::table::{Row, Table, TableWrite};
use crate::domain::access_key::AccessKey;
use crate::domain::id::Principal;
use crate::domain::lease::Lease;
use crate::domain::outbox::{OutboxEntry, OutboxId};
use crate::domain::webhook::StoredDelivery;
use crate::engine::change::IdempotencyRecord;

/// Which rows of a table are to be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted<K> {
    /// Those with these keys.
    pub keys: BTreeSet<K>,
    /// All of them.
    pub all: bool,
}

impl<K> Default for Wanted<K> {
    fn default() -> Self {
        Self {
            keys: BTreeSet::new(),
            all: false,
        }
    }
}

macro_rules! tables {
    ($($(#[$doc:meta])* $field:ident: $row:ident,)*) => {
        /// A row of a plain table.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is named by its row's type")]
        pub enum PlainRow {
            $($row(Box<$row>),)*
        }

        $(impl From<$row> for PlainRow {
            fn from(row: $row) -> Self {
                Self::$row(Box::new(row))
            }
        })*

        /// The rows of the plain tables.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct PlainTables {
            $($(#[$doc])* pub $field: Table<$row>,)*
        }

        /// Which rows of the plain tables are to be loaded.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct PlainKeys {
            $($(#[$doc])* pub $field: Wanted<<$row as Row>::Key>,)*
        }

        /// What a batch changed in the plain tables.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct PlainWrites {
            $($(#[$doc])* pub $field: TableWrite<$row>,)*
        }

        impl PlainTables {
            pub(crate) fn put(&mut self, row: PlainRow) {
                match row {
                    $(PlainRow::$row(row) => self.$field.put(*row),)*
                }
            }

            pub(crate) fn into_writes(self) -> PlainWrites {
                PlainWrites {
                    $($field: self.$field.into_write(),)*
                }
            }

            /// Loads what is wanted from a store that keeps its rows in memory.
            pub(crate) fn load_from(&mut self, stored: &Self, wanted: &PlainKeys) {
                $(
                    let all = stored.$field.rows().filter(|_| wanted.$field.all);
                    let named = wanted.$field.keys.iter();
                    let named = named.filter_map(|key| stored.$field.get(key));
                    all.chain(named).for_each(|row| self.$field.load(row.clone()));
                )*
            }

            /// Takes over what a batch changed, as a store that keeps its rows in memory.
            pub(crate) fn store(&mut self, writes: PlainWrites) {
                $(self.$field.store(writes.$field);)*
            }
        }
    };
}

tables! {
    /// Leases of background work, by name.
    leases: Lease,
    /// Access keys, by id. They are loaded all at once: there are few, and they are seldom changed.
    access_keys: AccessKey,
    /// Writes to GitHub that wait, by id.
    outbox: OutboxEntry,
    /// Answers to requests that carried an idempotency key, by principal and key.
    idempotency: IdempotencyRecord,
    /// Deliveries, by id.
    deliveries: StoredDelivery,
}

impl Row for Lease {
    type Key = String;

    fn primary_key(&self) -> String {
        self.name.clone()
    }
}

impl Row for AccessKey {
    type Key = String;

    fn primary_key(&self) -> String {
        self.id.clone()
    }
}

impl Row for OutboxEntry {
    type Key = OutboxId;

    fn primary_key(&self) -> OutboxId {
        self.id
    }
}

impl Row for IdempotencyRecord {
    type Key = (Principal, String);

    fn primary_key(&self) -> (Principal, String) {
        (self.principal.clone(), self.key.clone())
    }
}

impl Row for StoredDelivery {
    type Key = String;

    fn primary_key(&self) -> String {
        self.id.clone()
    }
}
