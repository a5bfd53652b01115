//! `issuecommand install` and `uninstall`: enter this program into an MCP client, or take it out again.

mod carry_out;
mod check;
mod databases;
mod launch;
mod list;
mod own_check;
mod place;
mod remote_check;

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use issuecommand_clients::plan::{self, FileError};
use issuecommand_clients::{
    Client, Environment, Request, Scope, Server, Target, Targets, apply, has_plugin, obstacles,
    plugin_settings, targets, targets_of_removal,
};
use url::Url;

use self::carry_out::carry_out;
use self::launch::Launched;
use self::place::text_of;
use super::{Flags, block_on, fail};
use crate::error::AppError;
use crate::output::{print, tell};

/// Into which client, and how.
#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub struct InstallArgs {
    /// The client; without one, those that are on this machine are listed
    #[arg(value_parser = client)]
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
    // A parser of addresses passes over some of these, and a client or a shell does not.
    if text.contains(|c: char| c.is_whitespace() || c.is_control() || "\"'`<>\\".contains(c)) {
        return Err(format!("{wanted}, without blanks and quotes"));
    }
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
        let listed = list::list(&env);
        return done(if args.detect {
            listed
        } else {
            listed.and_then(|()| list::next_step())
        });
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
        let files = targets_of_removal(args.client, args.scope, &env, &launch::program()?);
        let changes = plan::removal(&files).map_err(|error| words(&error))?;
        if changes.is_empty() {
            return print(&format!(
                "There is nothing of IssueCommand in the files of {}.\n",
                args.client
            ));
        }
        carry_out(&changes, args.scope, &env, args.dry_run)
    }))
}

fn done(result: Result<(), AppError>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
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
    let Prepared { request, notes } = asked;
    if let (false, Some(settings)) = (args.print, plugin(request, env)) {
        return print(&format!(
            "Nothing was written: the plugin of IssueCommand is on ({settings}), and brings the server and the hooks. It works with the \
             database that DATABASE_URL or SQLITE_PATH names in the environment of Claude Code. To install without it, run \
             `claude plugin disable issuecommand@issuecommand` first; `issuecommand uninstall claude-code` takes out an entry \
             beside it.\n"
        ));
    }
    let Targets {
        files,
        others,
        notes: further,
    } = targets(request, env, &exists).map_err(|error| AppError::Command(error.to_string()))?;
    if args.print {
        return print_alone(&files);
    }
    let mut notes = notes.clone();
    notes.extend(further);
    let mut changes = plan::removal(&others).map_err(|error| words(&error))?;
    changes.extend(plan::addition(&files).map_err(|error| words(&error))?);
    let paths: Vec<String> = files
        .iter()
        .chain(&others)
        .map(|file| file.path.clone())
        .collect();
    notes.extend(databases::differing(request, &paths, env));
    if changes.is_empty() {
        print(&format!("{} has the entry already.\n", request.client))?;
    } else {
        carry_out(&changes, args.scope, env, args.dry_run)?;
    }
    if args.dry_run {
        return Ok(());
    }
    notes.extend(obstacles(
        request.client,
        request.scope,
        &files,
        env,
        &text_of,
    ));
    for note in notes {
        tell(&note)?;
    }
    match &request.server {
        Server::Stdio(launch) => check::check(request.client, launch, env).await?,
        Server::Remote { url, key, .. } => remote_check::check(url, key.as_deref()).await?,
    }
    own_check::ask(request.client).await
}

/// The settings in which the plugin is turned on that brings the server and the hooks of Claude Code.
fn plugin(request: &Request, env: &Environment) -> Option<String> {
    let mut files = plugin_settings(request.scope, env).into_iter();
    files.find(|path| {
        request.client == Client::ClaudeCode && text_of(path).is_some_and(|text| has_plugin(&text))
    })
}

/// Prints the content that each file would have if there were none. Standard output has nothing else.
fn print_alone(files: &[Target]) -> Result<(), AppError> {
    for file in files {
        let content = apply(file.format, None, &file.edits)
            .map_err(|error| AppError::Command(error.to_string()))?;
        tell(&format!("# {}", file.path))?;
        print(&content)?;
    }
    Ok(())
}

fn exists(path: &str) -> bool {
    Path::new(path).exists()
}

fn words(error: &FileError) -> AppError {
    AppError::Command(error.to_string())
}
