//! `issuecommand notify add`.

use std::io::BufRead as _;

use clap::Args;
use issuecommand_config::Sources;
use issuecommand_notify::{EndpointSettings, KINDS, Secret, Table, check_name};
use serde_json::json;

use super::{CommonArgs, file, show};
use crate::error::AppError;
use crate::output::tell;
use crate::settings::Settings;

/// An endpoint to add.
#[derive(Args, Clone, Debug)]
pub(super) struct AddArgs {
    /// webhook, slack, discord, teams, ntfy, telegram, desktop or exec
    #[arg(value_parser = KINDS)]
    kind: String,
    /// Its address, which goes into .env; - reads it from standard input, so that no shell remembers it
    #[arg(conflicts_with = "url_env")]
    url: Option<String>,
    /// What to call it; its kind, if nothing is given
    #[arg(long)]
    name: Option<String>,
    /// The variable that has its address, instead of an address
    #[arg(long, value_name = "VARIABLE")]
    url_env: Option<String>,
    /// The variables that have the secrets of a webhook, the newest first; without any, one is made
    #[arg(long, value_name = "VARIABLES", value_delimiter = ',')]
    secret_env: Vec<String>,
    /// What it is told: needs_you, merged, queue_empty, agents_idle, digest, all, claim.stale, claim.*, …
    #[arg(long, value_name = "WORDS", value_delimiter = ',')]
    on: Vec<String>,
    /// In these repositories alone: owner/a,owner/b
    #[arg(long, value_name = "REPOS", value_delimiter = ',')]
    repos: Vec<String>,
    /// When people are told nothing: 22:00-07:00
    #[arg(long, value_name = "HOURS")]
    quiet: Option<String>,
    /// The time zone of these hours: Europe/Berlin
    #[arg(long, requires = "quiet")]
    zone: Option<String>,
    /// The program of kind exec, then each argument: --command /bin/tell --command people
    #[arg(long, value_name = "ARGUMENT", allow_hyphen_values = true)]
    command: Vec<String>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

pub(super) fn run(settings: &Settings, sources: &Sources, args: AddArgs) -> Result<(), AppError> {
    let refused = |words: &str| AppError::Command(format!("{words}; nothing was changed"));
    let kind = args.kind.as_str();
    let name = args.name.clone().unwrap_or_else(|| kind.to_owned());
    check_name(&name).map_err(|words| refused(&words))?;
    let known = settings
        .notify
        .endpoints
        .iter()
        .any(|endpoint| endpoint.name == name);
    if known {
        let words = format!(
            "there is an endpoint {name:?} already: choose another --name, or remove it first"
        );
        return Err(refused(&words));
    }
    let prefix = format!("NOTIFY_{}", name.to_uppercase().replace('-', "_"));
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut table = Table::new();
    let mut put = |key: &str, texts: Vec<String>| {
        if !texts.is_empty() {
            table.insert(key.to_owned(), texts);
        }
    };
    put("name", vec![name.clone()]);
    put("kind", vec![kind.to_owned()]);
    let url_env = match (address(args.url)?, args.url_env) {
        (Some(url), _) => {
            let variable = format!("{prefix}_URL");
            variables.push((variable.clone(), url));
            Some(variable)
        }
        (None, named) => named,
    };
    put("url_env", url_env.into_iter().collect());
    let mut secret_env = args.secret_env;
    let mut made = None;
    if kind == "webhook" && secret_env.is_empty() {
        let variable = format!("{prefix}_SECRET");
        let secret = secret()?;
        variables.push((variable.clone(), secret.clone()));
        secret_env.push(variable);
        made = Some(secret);
    }
    put("secret_env", secret_env);
    put("on", args.on);
    put("repos", args.repos);
    put("quiet", args.quiet.into_iter().collect());
    put("zone", args.zone.into_iter().collect());
    put("command", args.command);
    let given = |variable: &str| {
        let new = variables.iter().find(|(known, _)| known == variable);
        let new = new.map(|(_, value)| value.clone());
        new.or_else(|| sources.variable(variable).ok().flatten())
    };
    let read = EndpointSettings::read(table.clone(), &given, true);
    let read = read.map_err(|error| refused(error.words()))?;
    file::set_variables(&sources.dotenv_file(), &variables)?;
    let toml = sources.settings_file();
    file::add(&toml, &table)?;
    let shown = json!({
        "name": name, "kind": kind, "place": read.place(), "file": toml, "secret": made,
        "variables": variables.iter().map(|(variable, _)| variable).collect::<Vec<_>>(),
    });
    let secret = made.map_or_else(String::new, |secret| {
        format!("\nThe receiver verifies with this secret, which is also in .env: {secret}")
    });
    show(
        args.common.json,
        &shown,
        &format!("Added {name} to {}.{secret}", toml.display()),
    )?;
    if kind == "exec" && !settings.notify.unusable.is_empty() {
        tell("It runs where NOTIFY_ALLOW_EXEC=true is in the environment.")?;
    }
    tell(&format!(
        "Now run `issuecommand notify test {name}`. A service that runs takes it up when it is started again."
    ))
}

/// The address, of the command line or of standard input.
fn address(url: Option<String>) -> Result<Option<String>, AppError> {
    if url.as_deref() != Some("-") {
        return Ok(url);
    }
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|cause| AppError::Io {
        what: "the address could not be read".to_owned(),
        cause,
    })?;
    Ok(Some(line.trim().to_owned()))
}

fn secret() -> Result<String, AppError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        AppError::Command(format!("this machine gives no random numbers: {error}"))
    })?;
    Ok(Secret::text(&bytes))
}
