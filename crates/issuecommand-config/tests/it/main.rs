//! The pages that are generated from the definitions.
#![allow(
    clippy::disallowed_methods,
    reason = "tests read whether they write the pages"
)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod reference;
