//! Keeps pages live: one stream a tab, and one rendering for all tabs that see the same.

mod hub;
mod stream;

pub(crate) use self::hub::Hub;
pub(crate) use self::stream::stream;
