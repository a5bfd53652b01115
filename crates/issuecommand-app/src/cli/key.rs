//! `issuecommand key`: named keys in the store of the settings. It needs no token and no API_KEY, and services may run meanwhile.

mod expiry;
mod render;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::{AccessKey, KeyName, KeyOutcome, NewKey};
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Clock;
use issuecommand_core::engine::command::{Action, Answer, Command, Outcome};
use issuecommand_core::ports::store::Store;
use issuecommand_http::{SECRET_PREFIX, secret_hash};
use issuecommand_store_postgres::dump as postgres;
use issuecommand_store_sqlite::dump as sqlite;

use super::{Flags, block_on, fail};
use crate::clock::{DatabaseClock, SystemClock};
use crate::composition::AnyStore;
use crate::error::AppError;
use crate::output::tell;
use crate::settings::{DatabaseOptions, Settings};

/// What is to be done with keys, in which store.
#[derive(Args, Clone, Debug)]
pub struct KeyArgs {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    what: KeyCommand,
}

#[derive(Subcommand, Clone, Debug)]
enum KeyCommand {
    /// Make a key; its secret is shown once, on standard output alone
    Create(CreateArgs),
    /// List all keys, also those that are over
    List {
        /// As JSON, for programs
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// Take a key back: from now on it lets nobody in, and its open streams end within seconds
    Revoke {
        /// Its name or id
        #[arg(value_name = "NAME_OR_ID")]
        which: String,
        #[command(flatten)]
        flags: Flags,
    },
}

impl KeyCommand {
    fn flags(&self) -> Flags {
        match self {
            Self::Create(CreateArgs { flags, .. })
            | Self::List { flags, .. }
            | Self::Revoke { flags, .. } => flags.clone(),
        }
    }
}

#[derive(Args, Clone, Debug)]
struct CreateArgs {
    /// What to call it; one good key has a name
    #[arg(value_parser = KeyName::parse)]
    name: KeyName,
    /// It acts as this agent alone
    #[arg(long, value_name = "AGENT_ID", value_parser = AgentId::parse)]
    agent: Option<AgentId>,
    /// It looks and changes nothing
    #[arg(long)]
    read_only: bool,
    /// It sees these repositories alone: owner/a,owner/b
    #[arg(long, value_name = "REPOS", value_delimiter = ',', value_parser = RepoName::parse)]
    repos: Vec<RepoName>,
    /// When it ends: in 12h, 30d, 8w, or on a date (the beginning of that day in UTC) or moment: 2026-12-31, 2026-12-31T18:00:00Z
    #[arg(long, value_name = "WHEN", value_parser = expiry::parse)]
    expires: Option<expiry::Expiry>,
    #[command(flatten)]
    flags: Flags,
}

/// Runs the command. `before` are the flags given before its name.
pub fn key(args: KeyArgs, before: Flags) -> ExitCode {
    let flags = args.what.flags().over(args.flags.over(before));
    match flags.settings() {
        Ok(settings) => block_on(async |_| run(&settings, args.what).await),
        Err(error) => fail(&error.into()),
    }
}

async fn run(settings: &Settings, what: KeyCommand) -> Result<(), AppError> {
    let place = find(settings, &what).await?;
    tell(&format!("database: {place}"))?;
    let clock = Arc::new(DatabaseClock::over(Arc::new(SystemClock)));
    let opened = AnyStore::open(settings.database()?, settings.policy.clone(), &clock).await?;
    let done = act(&*opened.port(), &*clock, what).await;
    opened.close().await;
    done
}

/// The place of the database. Only creating a key creates a database, and only if a setting names it: in a wrong folder the
/// command would otherwise create a second database beside the service's.
async fn find(settings: &Settings, what: &KeyCommand) -> Result<String, AppError> {
    let options = settings.database()?;
    let place = options.place();
    let (there, is_set) = match &options {
        DatabaseOptions::Sqlite(options) => {
            let there = sqlite::is_there(options).await?;
            (there, settings.database_is_set)
        }
        DatabaseOptions::Postgres(options) => (postgres::is_there(options).await?, true),
    };
    let makes = matches!(what, KeyCommand::Create(_)) && is_set;
    if there {
        return Ok(place);
    }
    if makes {
        return Ok(format!("{place} (new)"));
    }
    Err(AppError::Key(format!(
        "there is no database at {place}, and nothing was made: set SQLITE_PATH or DATABASE_URL as the service has it, or start the \
         service once"
    )))
}

async fn act(store: &dyn Store, clock: &dyn Clock, what: KeyCommand) -> Result<(), AppError> {
    match what {
        KeyCommand::Create(args) => {
            let (secret, key) = create(store, clock, args).await?;
            let rights = render::rights(&key);
            let words = format!(
                "The key {:?} ({}) is made: {rights}. What stands below is its secret, which is shown this once and kept nowhere.\n",
                key.name.as_str(),
                key.id
            );
            write(io::stderr(), &words)?;
            write(io::stdout(), &format!("{secret}\n"))
        }
        KeyCommand::List { json, .. } => {
            let keys = store.keys().await?;
            let text = if json {
                render::json(&keys, clock.now())
            } else {
                render::table(&keys, clock.now())
            };
            write(io::stdout(), &text)
        }
        KeyCommand::Revoke { which, .. } => {
            match transact(store, Action::RevokeKey(which.clone())).await? {
                KeyOutcome::Revoked { key, idempotent } => {
                    let before = if idempotent { " already" } else { "" };
                    let words = format!(
                        "The key {:?} ({}) is revoked{before}.\n",
                        key.name.as_str(),
                        key.id
                    );
                    write(io::stderr(), &words)
                }
                _ => Err(AppError::Key(format!(
                    "no key has the name or id {which:?}; issuecommand key list shows them"
                ))),
            }
        }
    }
}

async fn create(
    store: &dyn Store,
    clock: &dyn Clock,
    args: CreateArgs,
) -> Result<(String, AccessKey), AppError> {
    let now = clock.now();
    let expires_at = args.expires.map(|when| when.after(now));
    if expires_at.is_some_and(|end| end <= now) {
        return Err(AppError::Key(
            "--expires lies in the past: such a key would let nobody in".to_owned(),
        ));
    }
    let secret = secret()?;
    let repos: BTreeSet<RepoName> = args.repos.into_iter().collect();
    let new = NewKey {
        name: args.name,
        hash: secret_hash(secret.as_bytes()),
        agent: args.agent,
        read_only: args.read_only,
        scope: if repos.is_empty() {
            Scope::All
        } else {
            Scope::Only(repos)
        },
        expires_at,
    };
    match transact(store, Action::CreateKey(Box::new(new))).await? {
        KeyOutcome::Made(key) => Ok((secret, key)),
        KeyOutcome::NameTaken(key) => Err(AppError::Key(format!(
            "there is a key {:?} already ({}); revoke it first, or choose another name",
            key.name.as_str(),
            key.id
        ))),
        other => Err(unexpected(&other)),
    }
}

async fn transact(store: &dyn Store, action: Action) -> Result<KeyOutcome, AppError> {
    match store.transact(Command::system(action)).await? {
        Outcome::Done(Answer::Key(keyed)) => Ok(*keyed),
        other => Err(unexpected(&other)),
    }
}

fn unexpected(what: &dyn std::fmt::Debug) -> AppError {
    AppError::Key(format!("a command about a key came to {what:?}"))
}

/// 256 random bits, with the prefix of IssueCommand's keys.
fn secret() -> Result<String, AppError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| AppError::Key(format!("this machine gives no random numbers: {error}")))?;
    Ok(format!("{SECRET_PREFIX}{}", hex::encode(bytes)))
}

fn write(mut to: impl Write, text: &str) -> Result<(), AppError> {
    to.write_all(text.as_bytes())
        .and_then(|()| to.flush())
        .map_err(|cause| AppError::Io {
            what: "what there is to say cannot be written".to_owned(),
            cause,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_secrets_are_one() {
        let (a, b) = (secret().unwrap(), secret().unwrap());
        assert_ne!(a, b);
        assert!(a.starts_with("ick_") && a.len() == 68, "{}", a.len());
    }
}
