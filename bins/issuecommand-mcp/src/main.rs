//! IssueCommand's MCP face alone: for local agents, on standard input and output.

use std::process::ExitCode;

use clap::Parser;
use issuecommand_app::Role;
use issuecommand_app::cli::{self, Flags};

/// Hands out GitHub issues to a local coding agent over MCP on standard input and output.
///
/// It needs GITHUB_TOKEN, from the environment, .env or issuecommand.toml. Any number of these share one database.
#[derive(Parser)]
#[command(name = "issuecommand-mcp", version, after_long_help = cli::settings_help(Role::Mcp))]
struct Cli {
    #[command(flatten)]
    flags: Flags,
}

fn main() -> ExitCode {
    cli::main(Role::Mcp, Cli::parse().flags)
}
