//! The JSON of the contract, for HTTP and MCP alike: records, calls with their parameters and responses, and the single table
//! of refusals and failures. This crate depends on neither HTTP nor MCP; a surface reads bytes, runs a [`call::Call`] and
//! writes bytes.

pub mod call;
pub mod cursor;
pub mod error;
pub mod json;
mod page;
pub mod params;
pub mod record;
pub mod response;
pub mod schema;

pub use call::Call;
pub use error::ApiError;
pub use page::LIMIT as PAGE_LIMIT;
pub use params::{ParamError, ParamSource, Params};
