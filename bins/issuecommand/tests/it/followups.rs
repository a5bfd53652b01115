//! Feedback comes back to one agent each, whatever happens on the way: the promises of follow-ups and webhooks, held by real
//! processes.

/// Makes each proof a test on each kind of database.
macro_rules! on_each_store {
    ($($proof:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[test]
                fn $proof() {
                    super::$proof(crate::harness::Store::Sqlite);
                }
            )*
        }
    };
}

mod author;
mod burst;
mod crowd;
mod duplicates;
mod examples;
mod kill;
mod outage;
mod refused;
mod stdio;
mod talk;
