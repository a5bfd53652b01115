//! Taking requests apart. Nothing is judged here that the contract does not name: the Content-Type is not looked at, a path
//! that names nothing is 404, a body that cannot be read is 400.

pub(crate) mod body;
mod path;
mod query;

pub(crate) use self::body::Body;
pub(crate) use self::path::PathParams;
pub(crate) use self::query::{Query, lenient};
