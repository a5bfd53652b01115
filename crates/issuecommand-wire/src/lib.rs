//! The JSON of the contract, for HTTP and MCP alike: records, calls with their input and answer, and the one table that says
//! how every "no" is told. This crate knows neither HTTP nor MCP; a surface reads bytes, runs a [`call::Call`] and writes bytes.

pub mod answer;
pub mod call;
pub mod cursor;
pub mod input;
pub mod json;
pub mod no;
pub mod record;
pub mod schema;

pub use call::Call;
pub use input::{InputError, ParamSource, Params};
pub use no::ApiError;
