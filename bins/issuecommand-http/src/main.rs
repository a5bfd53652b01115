//! IssueCommand's HTTP face alone: for remote agents, behind a proxy.

use std::process::ExitCode;

use clap::Parser;
use issuecommand_app::Role;
use issuecommand_app::cli::{self, Flags};

/// Hands out GitHub issues to coding agents over HTTP.
///
/// It needs GITHUB_TOKEN and API_KEY, from the environment, .env or issuecommand.toml, and serves HTTP_PORT (3100).
#[derive(Parser)]
#[command(name = "issuecommand-http", version, after_long_help = cli::settings_help(Role::Http))]
struct Cli {
    #[command(flatten)]
    flags: Flags,
}

fn main() -> ExitCode {
    cli::main(Role::Http, Cli::parse().flags)
}
