//! IssueCommand in one program: MCP on stdio and HTTP.

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use issuecommand_app::Role;
use issuecommand_app::cli::{self, Flags};

/// Hands out GitHub issues to coding agents, each to exactly one.
///
/// Without a command it serves MCP on standard input and output, and HTTP on HTTP_PORT (3100). It needs GITHUB_TOKEN and
/// API_KEY, from the environment, .env or issuecommand.toml. Try it without either: issuecommand demo
#[derive(Parser)]
#[command(version, after_long_help = cli::settings_help(Role::Combined))]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Watch simulated agents at work: everything embedded, no token, no network, nothing left behind
    #[cfg(feature = "demo")]
    Demo(issuecommand_demo::DemoArgs),
    /// Make, list and take back named keys for HTTP, beside API_KEY
    Key(cli::KeyArgs),
    /// Give a data folder, and what is in it, to the service's user; for containers
    #[cfg(unix)]
    Adopt(cli::AdoptArgs),
    #[command(flatten)]
    Admin(cli::AdminCommand),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.command {
        None => cli::main(Role::Combined, cli.flags),
        Some(Command::Admin(command)) => cli::admin(command, cli.flags),
        Some(Command::Key(args)) => cli::key(args, cli.flags),
        #[cfg(unix)]
        Some(Command::Adopt(_)) if !cli.flags.is_empty() => takes_no_settings("adopt"),
        #[cfg(unix)]
        Some(Command::Adopt(args)) => cli::adopt(&args),
        #[cfg(feature = "demo")]
        Some(Command::Demo(_)) if !cli.flags.is_empty() => takes_no_settings("demo"),
        #[cfg(feature = "demo")]
        Some(Command::Demo(args)) => {
            cli::block_on(async |stop| issuecommand_demo::run(args, stop).await)
        }
    }
}

fn takes_no_settings(command: &str) -> ExitCode {
    let words = format!("`issuecommand {command}` reads no settings: leave --config and --set out");
    Cli::command()
        .error(ErrorKind::ArgumentConflict, words)
        .exit()
}
