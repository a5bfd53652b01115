//! The MCP face of IssueCommand: its tools, resources and prompts over a pair of byte streams, such as standard input and
//! output, and over HTTP.
//!
//! - Each line of the input is answered if it asks for anything, also one that cannot be read (`lines`).
//! - A tool is one entry of a table (`tool`, `registry`): name, words for a model, schemas, hints, and the call it runs.
//! - A resource is the answer of a tool that only looks, at an address (`resources`); a prompt is a constant text with the names
//!   of an agent and a repository in it (`prompts`).
//! - An answer is one text block of JSON and the same object as `structuredContent`. A refusal is an answer with `ok: false`;
//!   what failed, a wrong argument and an unknown tool are results with `isError: true` whose one text block is the same
//!   object that HTTP would have sent.
//! - JSON records, readers of arguments and the words for every "no" come from `issuecommand-wire`, so that HTTP and MCP answer
//!   alike. Rules come from `issuecommand-core`; there is none here.
//! - Text of issues never gets into descriptions or instructions: those are constants, but for the program's own warnings
//!   about the installation.
//! - Calls run on `issuecommand-executor`, as those of HTTP do, on the authority of the caller that comes with the request.
//! - Nothing here writes to standard output but the protocol; logs go to `tracing`.

mod http;
mod identity;
mod lines;
mod prompts;
mod registry;
mod resources;
mod result;
mod server;
mod session;
mod tool;

pub use self::http::{HttpOptions, HttpService, http_service, http_service_of};
pub use self::tool::Shown;
pub use session::{SessionEnd, explain_stdio, serve, serve_stdio};
