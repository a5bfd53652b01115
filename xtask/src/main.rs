//! The workspace's own chores, as `cargo xtask NAME`: what CI runs, the house rules, the long proofs.

mod bare;
mod ci;
mod layers;
mod package;
mod prove;
mod repo;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Chores of the IssueCommand workspace.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything that CI checks, in its order; stops at the first failure.
    Ci,
    /// The tests that use gh, npm, PostgreSQL or PgBouncer, once more without any of them.
    Bare,
    /// House rules on the files: openings, lengths, migration twins, forbidden words, links.
    Tidy,
    /// Which crate may use which: the table of the architecture against the manifests.
    Layers,
    /// The bundle for Claude Desktop (`.mcpb`) and the registry's `server.json`, from a given program.
    Package(package::PackageArgs),
    /// The proofs (tests named `prove_…`) at full counts; `cargo test` runs about a tenth of them.
    Prove {
        /// Only the proofs whose name goes on like this after `prove_`.
        name: Option<String>,
        /// The counts of an ordinary test run instead of the full ones.
        #[arg(long)]
        quick: bool,
    },
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Ci => ci::run(),
        Task::Bare => bare::run(),
        Task::Tidy => tidy::run(),
        Task::Layers => layers::run(),
        Task::Package(args) => package::run(&args),
        Task::Prove { name, quick } => prove::run(name.as_deref(), quick),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}
