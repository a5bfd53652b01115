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
#[command(version, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  issuecommand status                  what needs you, who is at work, what comes next
  issuecommand list                    who holds what
  issuecommand explain web#95          why an issue is not handed out
  issuecommand release api#812         give an issue back
  issuecommand list --json | jq        for programs
  issuecommand help settings           every setting

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 nothing there, 4 not signed in, 5 held by another or not allowed, 6 try again";

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    People(cli::PeopleCommand),
    /// Watch simulated agents at work: everything embedded, no token, no network, nothing left behind
    #[cfg(feature = "demo")]
    Demo(issuecommand_demo::DemoArgs),
    /// Make, list and take back named keys for HTTP, beside API_KEY
    Key(cli::KeyArgs),
    /// Answer a client at a moment of its session: reads the client's JSON, never fails, and takes a second at most
    #[command(hide = true)]
    Hook(cli::HookArgs),
    /// Wait until there is work for an agent, without taking it
    #[command(hide = true)]
    Wait(cli::WaitArgs),
    /// Enter IssueCommand into an MCP client: claude-code, claude-desktop, codex, cursor, vscode, gemini, opencode, copilot, zed,
    /// devin
    Install(cli::InstallArgs),
    /// Take it out of an MCP client again
    Uninstall(cli::UninstallArgs),
    /// Print the completions of this command line for a shell
    Completions(cli::CompletionsArgs),
    /// Print the manual page, or write those of all commands to a folder
    Man(cli::ManArgs),
    /// List every setting
    #[command(hide = true, after_help = cli::settings_help(Role::Combined))]
    Settings,
    /// Give a data folder, and what is in it, to the service's user; for containers
    #[cfg(unix)]
    Adopt(cli::AdoptArgs),
    #[command(flatten)]
    Admin(cli::AdminCommand),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return unparsed(&error),
    };
    match cli.command {
        None => cli::main(Role::Combined, cli.flags),
        Some(Command::People(command)) => cli::people(command, cli.flags),
        Some(Command::Admin(command)) => cli::admin(command, cli.flags),
        Some(Command::Install(args)) => cli::install(&args, cli.flags),
        Some(Command::Uninstall(args)) => cli::uninstall(&args),
        Some(Command::Completions(args)) => cli::completions(&args, Cli::command()),
        Some(Command::Man(args)) => cli::man(&args, Cli::command()),
        Some(Command::Settings) => cli::settings(Role::Combined),
        Some(Command::Key(args)) => cli::key(args, cli.flags),
        Some(Command::Hook(args)) => cli::hook(&args, cli.flags),
        Some(Command::Wait(args)) => cli::wait(&args, cli.flags),
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

/// Says what is wrong with the command line, with 2. To a client a hook that ends so is one that asks for something, so hooks end
/// with 0, and `wait` with 1.
fn unparsed(error: &clap::Error) -> ExitCode {
    let command = std::env::args().nth(1);
    let as_json = error.use_stderr() && std::env::args().any(|word| word == "--json");
    if as_json && !matches!(command.as_deref(), Some("hook" | "wait")) {
        return cli::wrong_usage(&error.to_string());
    }
    // Without a reader there is nobody to tell.
    let _ = error.print();
    match command.as_deref() {
        Some("hook") => ExitCode::SUCCESS,
        Some("wait") if error.use_stderr() => ExitCode::FAILURE,
        _ => u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
    }
}

fn takes_no_settings(command: &str) -> ExitCode {
    let words = format!("`issuecommand {command}` reads no settings: leave --config and --set out");
    Cli::command()
        .error(ErrorKind::ArgumentConflict, words)
        .exit()
}
