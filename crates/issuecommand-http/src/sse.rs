//! Live events. The log in the store is the source of truth; batches sent within the process only save each reader from asking
//! the store.
//!
//! One task follows the log while anybody reads and sends batches around, each with the place in the log that it begins
//! after. A reader that finds a batch to begin later than where it is (new, resumed, or too slow) fetches what is
//! between from the store. So nothing is lost and nothing sent twice, whatever is dropped on the way.

mod frame;
mod hub;
mod reader;

pub(crate) use self::hub::{Hub, Resume};
