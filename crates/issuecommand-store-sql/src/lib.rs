//! What the two SQL backends have in common: the rows of the tables and the values that they become, the questions of the
//! [`Store`](issuecommand_core::ports::store::Store) port, the order in which a batch is loaded, and a database as a whole.
//!
//! A backend keeps its statements, its connections and how it runs several statements at once. It hands them over through four
//! traits: [`Database`] with [`Ask`] for questions, [`Loader`] for a batch, [`DumpDatabase`] and [`ImportTarget`] for the whole.

mod columns;
pub mod dump;
pub mod error;
pub mod json;
mod load;
pub mod new_rows;
pub mod plain;
mod read_statements;
pub mod rows;
pub mod schema;
mod statements;
mod store;

pub use self::dump::{DumpDatabase, ImportTarget};
pub use self::load::{
    AskingRows, CandidateQuestion, DependentRows, FoundRows, KeyedRows, Loader, NamedRows,
    PullRelatedRows, WindowItem, counted, view,
};
pub use self::read_statements::ReadStatements;
pub use self::statements::{ExplainStatements, Statements};
pub use self::store::{Args, Ask, Connection, Database, SqlStore};
