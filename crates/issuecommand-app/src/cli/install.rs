//! `issuecommand install` and `uninstall`: enter this program into an MCP client, or take it out again.

mod check;
mod launch;
mod own_check;
mod place;
mod remote_check;

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use issuecommand_clients::plan::{self, Change, FileError};
use issuecommand_clients::write::write;
use issuecommand_clients::{
    Client, Environment, Request, Scope, Server, Target, Targets, apply, detect, has_plugin,
    targets, targets_of_removal,
};
use issuecommand_core::domain::time::Clock as _;
use url::Url;

use self::launch::Launched;
use super::{Flags, block_on, fail};
use crate::clock::SystemClock;
use crate::error::AppError;
use crate::output::{print, tell};

/// Into which client, and how.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub struct InstallArgs {
    /// The client; without one, those that are on this machine are listed
    #[arg(value_parser = client, required_unless_present = "detect")]
    client: Option<Client>,
    /// List the clients that are on this machine, and change nothing
    #[arg(long, conflicts_with = "client")]
    detect: bool,
    /// For all projects of this user, or for the project in this folder: user or project
    #[arg(long, value_parser = scope, default_value = "user")]
    scope: Scope,
    /// Enter a service elsewhere by the address of its MCP, such as `https://ic.example.com/mcp`; its key is read from
    /// ISSUECOMMAND_KEY
    #[arg(long, value_name = "URL", value_parser = remote)]
    remote: Option<String>,
    /// Write no hooks
    #[arg(long)]
    no_hooks: bool,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the entry alone, to be pasted by hand
    #[arg(long, conflicts_with = "dry_run")]
    print: bool,
    #[command(flatten)]
    flags: Flags,
}

/// Out of which client.
#[derive(Args, Clone, Debug)]
pub struct UninstallArgs {
    /// The client
    #[arg(value_parser = client)]
    client: Client,
    /// Out of the user's files, or out of those of the project in this folder: user or project
    #[arg(long, value_parser = scope, default_value = "user")]
    scope: Scope,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

fn client(name: &str) -> Result<Client, String> {
    Client::of_name(name).ok_or_else(|| {
        let names: Vec<_> = Client::ALL.into_iter().map(Client::name).collect();
        format!("the clients are {}", names.join(", "))
    })
}

fn scope(name: &str) -> Result<Scope, String> {
    match name {
        "user" => Ok(Scope::User),
        "project" => Ok(Scope::Project),
        _ => Err("it is user or project".to_owned()),
    }
}

fn remote(text: &str) -> Result<String, String> {
    let wanted = "an address such as https://ic.example.com/mcp is needed";
    let url = Url::parse(text).map_err(|_| wanted.to_owned())?;
    match (url.scheme(), url.username(), url.password()) {
        ("http" | "https", "", None) if url.has_host() => Ok(text.to_owned()),
        ("http" | "https", _, _) => Err("leave user and password out of the address".to_owned()),
        _ => Err(wanted.to_owned()),
    }
}

/// Runs `install`. `before` are the flags given before its name.
pub fn install(args: &InstallArgs, before: Flags) -> ExitCode {
    let env = match place::environment() {
        Ok(env) => env,
        Err(error) => return fail(&error),
    };
    let Some(client) = args.client else {
        return done(found(&env));
    };
    let request = match request(client, args, before) {
        Ok(request) => request,
        Err(error) => return fail(&error),
    };
    block_on(async |_| add(&request, &env, args).await)
}

/// Runs `uninstall`.
pub fn uninstall(args: &UninstallArgs) -> ExitCode {
    done(place::environment().and_then(|env| {
        let files = targets_of_removal(args.client, args.scope, &env);
        let changes = plan::removal(&files).map_err(|error| words(&error))?;
        if changes.is_empty() {
            return print(&format!(
                "There is nothing of IssueCommand in the files of {}.\n",
                args.client
            ));
        }
        carry_out(&changes, args.dry_run)
    }))
}

fn done(result: Result<(), AppError>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn found(env: &Environment) -> Result<(), AppError> {
    let there = detect(env, &exists);
    let mut text = String::new();
    for client in &there {
        let installed = [Scope::User, Scope::Project].into_iter().any(|scope| {
            plan::removal(&targets_of_removal(*client, scope, env))
                .is_ok_and(|changes| !changes.is_empty())
        });
        let state = if installed {
            "installed"
        } else {
            "not installed"
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "{:15} {:14} {client}", client.name(), state);
    }
    if there.is_empty() {
        text.push_str(
            "No client was found. `issuecommand install CLIENT` makes the files all the same.\n",
        );
    }
    print(&text)
}

struct Prepared {
    request: Request,
    notes: Vec<String>,
}

fn request(client: Client, args: &InstallArgs, before: Flags) -> Result<Prepared, AppError> {
    let mut notes = Vec::new();
    let server = if let Some(url) = &args.remote {
        Server::Remote {
            program: launch::program()?,
            url: url.clone(),
            key: place::key(),
        }
    } else {
        let Launched {
            launch,
            notes: further,
        } = launch::launch(args.flags.clone().over(before), client)?;
        notes = further;
        Server::Stdio(launch)
    };
    Ok(Prepared {
        request: Request {
            client,
            scope: args.scope,
            server,
            hooks: !args.no_hooks,
        },
        notes,
    })
}

async fn add(asked: &Prepared, env: &Environment, args: &InstallArgs) -> Result<(), AppError> {
    let (request, mut notes) = (without_plugins_hooks(asked, env), asked.notes.clone());
    if asked.request.hooks && !request.hooks {
        notes.push("No hooks were written: the plugin of IssueCommand brings them.".to_owned());
    }
    let Targets {
        files,
        notes: further,
    } = targets(&request, env, &exists).map_err(|error| AppError::Command(error.to_string()))?;
    notes.extend(further);
    if args.print {
        return print(&alone(&files)?);
    }
    let changes = plan::addition(&files).map_err(|error| words(&error))?;
    if changes.is_empty() {
        print(&format!("{} has the entry already.\n", request.client))?;
    } else {
        carry_out(&changes, args.dry_run)?;
    }
    if args.dry_run {
        return Ok(());
    }
    for note in notes {
        tell(&note)?;
    }
    match &request.server {
        Server::Stdio(launch) => check::check(request.client, launch, env).await?,
        Server::Remote { url, key, .. } => remote_check::check(url, key.as_deref()).await?,
    }
    own_check::ask(request.client).await
}

fn without_plugins_hooks(asked: &Prepared, env: &Environment) -> Request {
    let settings = Path::new(&env.home).join(".claude/settings.json");
    let plugin = asked.request.client == Client::ClaudeCode
        && std::fs::read_to_string(settings).is_ok_and(|text| has_plugin(&text));
    Request {
        hooks: asked.request.hooks && !plugin,
        ..asked.request.clone()
    }
}

/// The content that each file would have if there were none.
fn alone(files: &[Target]) -> Result<String, AppError> {
    let mut text = String::new();
    for file in files {
        let content = apply(file.format, None, &file.edits)
            .map_err(|error| AppError::Command(error.to_string()))?;
        // Writing to a string does not fail.
        let _ = writeln!(text, "# {}\n{content}", file.path);
    }
    Ok(text)
}

/// Shows the changes, and makes them unless they shall only be shown.
fn carry_out(changes: &[Change], dry_run: bool) -> Result<(), AppError> {
    let time = SystemClock.now().to_string();
    // 2026-11-30T08:15:00.000Z as 20261130T081500
    let time: String = time
        .chars()
        .filter(|c| !"-:".contains(*c))
        .take(15)
        .collect();
    for change in changes {
        print(&change.diff())?;
        if !dry_run {
            let copy = write(change, &time).map_err(|error| words(&error))?;
            if let Some(copy) = copy {
                tell(&format!("A copy of the file as it was: {}", copy.display()))?;
            }
        }
    }
    Ok(())
}

fn exists(path: &str) -> bool {
    Path::new(path).exists()
}

fn words(error: &FileError) -> AppError {
    AppError::Command(error.to_string())
}
