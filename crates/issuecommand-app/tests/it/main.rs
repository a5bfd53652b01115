//! Integration tests of the assembled service: a real SQLite file, real sockets, the GitHub emulator behind the real client.
#![allow(
    clippy::disallowed_methods,
    reason = "tests spawn callers and read what CI tells them"
)]
#![allow(clippy::unwrap_used, reason = "tests")]

/// Makes each proof, a function of the kind of database, one test per kind.
macro_rules! on_each_store {
    ($($proof:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $proof() {
                    super::$proof(crate::world::StoreKind::Sqlite).await;
                }
            )*
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $proof() {
                    if crate::world::StoreKind::Postgres.is_here() {
                        super::$proof(crate::world::StoreKind::Postgres).await;
                    }
                }
            )*
        }
    };
}

mod adversary;
mod bad_input;
mod comments;
mod embedding;
mod ended;
mod events;
mod feedback;
mod fuzz;
mod keys;
mod links;
mod long_texts;
mod mirror;
mod replay;
mod settings;
mod surfaces;
mod world;
