//! The plain tables: a command names their rows by key, a rule reads and puts them, a store writes them as they are.
//!
//! A line in the list below, with an `impl Row`, makes a table for the engine and for the memory store. The SQL stores have a list of
//! their own, which makes the statements from the names of the columns.

use std::collections::BTreeSet;

use super::table::{Row, Table, TableWrite};
use crate::domain::access_key::{AccessKey, SecretHash};
use crate::domain::attempt::{Attempt, QuickReleases};
use crate::domain::edge::{Cycle, Edge, EdgeEnd, EdgeKey, EdgeKind};
use crate::domain::followup::{HeldFeedback, SourceId};
use crate::domain::halt::{Halt, HaltOf};
use crate::domain::id::{AgentId, ClaimId, IssueKey, Principal, RepoId};
use crate::domain::lease::Lease;
use crate::domain::notice::Notice;
use crate::domain::outbox::{OutboxEntry, OutboxId};
use crate::domain::repo_policy::KnownPolicy;
use crate::domain::session::{KnownAgent, Session, SessionId};
use crate::domain::standing::Standing;
use crate::domain::web_session::{SignInCode, WebSession};
use crate::domain::webhook::StoredDelivery;
use crate::domain::writer::{OwnLogin, Writer};
use crate::engine::command::IdempotencyRecord;

/// Which rows of a table to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted<K> {
    /// The rows with these keys.
    pub keys: BTreeSet<K>,
    /// Whether to load all rows.
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

        /// The key of a row of a plain table.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is named by its row's type")]
        pub enum PlainKey {
            $($row(<$row as Row>::Key),)*
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

        /// Which rows of the plain tables to load.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct PlainKeys {
            $($(#[$doc])* pub $field: Wanted<<$row as Row>::Key>,)*
        }

        /// The changed rows of the plain tables.
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

            pub(crate) fn remove(&mut self, key: &PlainKey) {
                match key {
                    $(PlainKey::$row(key) => self.$field.remove(key),)*
                }
            }

            pub(crate) fn into_writes(self) -> PlainWrites {
                PlainWrites {
                    $($field: self.$field.into_write(),)*
                }
            }

            /// Loads the wanted rows from a memory store.
            pub(crate) fn load_from(&mut self, stored: &Self, wanted: &PlainKeys) {
                $(
                    let all = stored.$field.rows().filter(|_| wanted.$field.all);
                    let named = wanted.$field.keys.iter();
                    let named = named.filter_map(|key| stored.$field.get(key));
                    all.chain(named).for_each(|row| self.$field.load(row.clone()));
                )*
            }

            /// Applies a batch's writes to a memory store.
            pub(crate) fn store(&mut self, writes: PlainWrites) {
                $(self.$field.store(writes.$field);)*
            }
        }
    };
}

tables! {
    /// Leases of background work, by name.
    leases: Lease,
    /// Access keys, by id. All are loaded together, because they are few and seldom change.
    access_keys: AccessKey,
    /// Sessions of the dashboard, by the digests of their tokens.
    web_sessions: WebSession,
    /// One-time codes that begin one, by their digests.
    codes: SignInCode,
    /// Pending writes to GitHub, by id.
    outbox: OutboxEntry,
    /// Answers to requests with an idempotency key, by principal and key.
    idempotency: IdempotencyRecord,
    /// Deliveries, by id.
    deliveries: StoredDelivery,
    /// Ended work, by claim and agent.
    attempts: Attempt,
    /// How many issues in a row agents gave back quickly, by agent.
    quick_releases: QuickReleases,
    /// Halts of work. All are loaded together, because they are few.
    halts: Halt,
    /// How open issues stand, by issue. They are loaded with their issues.
    standings: Standing,
    /// Agents that were heard, by name.
    agents: KnownAgent,
    /// Their sessions, by agent and id. All of an agent are loaded together.
    sessions: Session,
    /// What agents are to be told, by id. All of an agent are loaded together.
    notices: Notice,
    /// What issues wait for. They are loaded by what they lead from and to.
    edges: Edge,
    /// Issues that block each other in a circle, by the first of them.
    cycles: Cycle,
    /// What GitHub said of authors' rights, by repository and login.
    writers: Writer,
    /// What is known of repositories' own policies, by repository.
    repo_policies: KnownPolicy,
    /// The login of the credential's own user.
    own_logins: OwnLogin,
    /// Feedback that is kept from agents, by id.
    held_feedback: HeldFeedback,
}

impl PlainTables {
    /// The edges that lead from an issue, or all.
    pub(crate) fn edges_from(&self, of: Option<IssueKey>) -> Box<dyn Iterator<Item = &Edge> + '_> {
        let Some(of) = of else {
            return Box::new(self.edges.rows());
        };
        let first = (
            of,
            EdgeKind::BlockedBy,
            EdgeEnd::Here(RepoId(i64::MIN), of.1),
        );
        let from = self.edges.rows_from(first);
        Box::new(from.take_while(move |edge| edge.of == of))
    }

    /// Removes the waiting writes of this batch that a newer one replaces. Those of earlier batches need not be loaded: a store
    /// deletes them when it writes the newer one.
    pub(crate) fn coalesce(&mut self, newer: &OutboxEntry) {
        let replaced = self
            .outbox
            .rows()
            .filter(|entry| entry.is_replaced_by(newer));
        let replaced: Vec<OutboxId> = replaced.map(|entry| entry.id).collect();
        for id in replaced {
            self.outbox.remove(&id);
        }
    }
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

impl Row for WebSession {
    type Key = SecretHash;

    fn primary_key(&self) -> SecretHash {
        self.hash
    }
}

impl Row for SignInCode {
    type Key = SecretHash;

    fn primary_key(&self) -> SecretHash {
        self.hash
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

impl Row for Attempt {
    type Key = (ClaimId, AgentId);

    fn primary_key(&self) -> Self::Key {
        (self.claim, self.agent.clone())
    }
}

impl Row for QuickReleases {
    type Key = AgentId;

    fn primary_key(&self) -> AgentId {
        self.agent.clone()
    }
}

impl Row for Halt {
    type Key = HaltOf;

    fn primary_key(&self) -> HaltOf {
        self.of.clone()
    }
}

impl Row for Standing {
    type Key = IssueKey;

    fn primary_key(&self) -> IssueKey {
        self.key()
    }
}

impl Row for Edge {
    type Key = EdgeKey;

    fn primary_key(&self) -> EdgeKey {
        self.key()
    }
}

impl Row for Cycle {
    type Key = String;

    fn primary_key(&self) -> String {
        self.first()
    }
}

impl Row for Writer {
    type Key = (String, String);

    fn primary_key(&self) -> (String, String) {
        (self.repo.clone(), self.login.clone())
    }
}

impl Row for OwnLogin {
    type Key = i64;

    fn primary_key(&self) -> i64 {
        1
    }
}

impl Row for KnownPolicy {
    type Key = RepoId;

    fn primary_key(&self) -> RepoId {
        self.repo
    }
}

impl Row for HeldFeedback {
    type Key = SourceId;

    fn primary_key(&self) -> SourceId {
        self.source.id.clone()
    }
}

impl Row for StoredDelivery {
    type Key = String;

    fn primary_key(&self) -> String {
        self.id.clone()
    }
}

impl Row for KnownAgent {
    type Key = AgentId;

    fn primary_key(&self) -> AgentId {
        self.id.clone()
    }
}

impl Row for Session {
    type Key = (AgentId, SessionId);

    fn primary_key(&self) -> (AgentId, SessionId) {
        (self.agent.clone(), self.id.clone())
    }
}

impl Row for Notice {
    type Key = String;

    fn primary_key(&self) -> String {
        self.id.clone()
    }
}
