//! Reads where an endpoint is: the keys of its kind, and the variables that they name.

use url::Url;

use super::{ReadError, Route, Table, one};
use crate::shape::Preset;
use crate::webhook::Secret;

/// The most secrets that one webhook is signed with.
const SECRETS: usize = 3;

/// Gives the variable with a name.
type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

pub(super) fn read(
    kind: &str,
    table: &mut Table,
    variable: Variable<'_>,
    allows_exec: bool,
) -> Result<Route, ReadError> {
    let preset = match kind {
        "desktop" => return Ok(Route::Desktop),
        "exec" => return exec(table, allows_exec),
        "webhook" => return webhook(table, variable),
        "slack" => Preset::Slack,
        "discord" => Preset::Discord,
        "teams" => Preset::Teams,
        "ntfy" => Preset::Ntfy,
        _ => Preset::Telegram,
    };
    let mut url = address(table, variable)?;
    let chat = match preset {
        Preset::Telegram => Some(chat(&mut url)?),
        Preset::Slack | Preset::Discord | Preset::Teams | Preset::Ntfy => None,
    };
    let url = url.to_string().into();
    Ok(Route::Chat { preset, url, chat })
}

fn exec(table: &mut Table, allows_exec: bool) -> Result<Route, ReadError> {
    let command = table.remove("command").unwrap_or_default();
    if command.first().is_none_or(String::is_empty) {
        return Err("command is missing: a program and its arguments".into());
    }
    if allows_exec {
        return Ok(Route::Exec { command });
    }
    let words = "kind exec runs a command: set NOTIFY_ALLOW_EXEC=true in the environment or on the command line";
    Err(ReadError::Unusable(words.to_owned()))
}

fn webhook(table: &mut Table, variable: Variable<'_>) -> Result<Route, ReadError> {
    let names = table.remove("secret_env").unwrap_or_default();
    if names.is_empty() || names.len() > SECRETS {
        let words =
            format!("secret_env names 1 to {SECRETS} variables with the secrets, the newest first");
        return Err(words.into());
    }
    let url = address(table, variable)?.to_string().into();
    let secret = |name: &String| {
        let text = variable(name).ok_or_else(|| unset(name))?;
        Secret::parse(&text).map_err(|wrong| ReadError::Unusable(format!("{name}: {wrong}")))
    };
    let secrets = names.iter().map(secret).collect::<Result<_, _>>()?;
    Ok(Route::Webhook { url, secrets })
}

/// The chat of a bot's address, which is taken out of it.
fn chat(url: &mut Url) -> Result<String, ReadError> {
    let chat = url.query_pairs().find(|(name, _)| name == "chat_id");
    let chat = chat.map(|(_, chat)| chat.into_owned());
    let chat = chat.filter(|chat| !chat.is_empty());
    url.set_query(None);
    let chat = chat.filter(|_| url.path().ends_with("/sendMessage"));
    chat.ok_or_else(|| {
        let words = "the address of a Telegram bot is https://api.telegram.org/botTOKEN/sendMessage?chat_id=CHAT";
        ReadError::Unusable(words.to_owned())
    })
}

/// The address in the variable that `url_env` names.
fn address(table: &mut Table, variable: Variable<'_>) -> Result<Url, ReadError> {
    let name = one(table, "url_env")?;
    let name = name.ok_or("url_env is missing: the name of the variable with the address")?;
    let text = variable(&name).ok_or_else(|| unset(&name))?;
    let url = Url::parse(text.trim()).ok();
    let good = |url: &Url| matches!(url.scheme(), "https" | "http") && url.has_host();
    let wrong = || ReadError::Unusable(format!("{name} is no https:// address"));
    url.filter(good).ok_or_else(wrong)
}

fn unset(name: &str) -> ReadError {
    ReadError::Unusable(format!(
        "{name} is set neither in the environment nor in .env"
    ))
}
