//! Makes and revokes keys, for whoever runs the service.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::{AccessKey, KeyName, KeyOutcome, NewKey};
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::service::ServiceError;
use issuecommand_executor::keys::{SECRET_PREFIX, secret_hash};
use issuecommand_wire::ApiError;

use super::{ActContext, ActOutcome, Confirmation, Field, Kind};
use crate::person::manages_keys;
use crate::view::Html;

/// How long a key lasts, as the form offers it: the value in days.
const LENGTHS: [(&str, &str); 5] = [
    ("90", "90 days"),
    ("7", "7 days"),
    ("30", "30 days"),
    ("365", "a year"),
    ("", "no end"),
];

fn permit(doing: &ActContext<'_>) -> Result<(), ApiError> {
    if manages_keys(&doing.person.caller) {
        return Ok(());
    }
    let words = "Keys are for whoever signs in by API_KEY, or by `issuecommand open` on the machine of the service. Nothing was done.";
    Err(ApiError {
        status: 403,
        ..ApiError::bad_request(words)
    })
}

fn failed(error: ServiceError) -> ApiError {
    ApiError::from(&error)
}

pub(super) fn confirm_make(doing: &ActContext<'_>) -> Result<Confirmation, ApiError> {
    permit(doing)?;
    Ok(Confirmation {
        title: "Make a key".to_owned(),
        what: vec![Html::default().text("A key lets a program or a person in without API_KEY, and can be revoked alone. It is shown once.")],
        fields: vec![
            Field::new("name", "Name", Kind::Text(String::new())).needed(),
            Field::new("days", "Good for", Kind::Choice(LENGTHS.to_vec())),
            Field::new("read_only", "Only to read", Kind::Check),
            Field::new("agent", "Only for this agent (empty: any)", Kind::Text(String::new())),
            Field::new("repos", "Only in these repositories, as owner/name, separated by commas (empty: all)", Kind::Text(String::new())),
        ],
        hidden: Vec::new(),
        button: "Make it",
    })
}

/// Reads the form.
fn new_key(doing: &ActContext<'_>, secret: &str) -> Result<NewKey, ApiError> {
    let bad = |error: &dyn std::fmt::Display| {
        ApiError::bad_request(format!("{error}. Nothing was done."))
    };
    let agent = doing
        .form
        .text("agent")
        .map(AgentId::parse)
        .transpose()
        .map_err(|error| bad(&error))?;
    let repos = doing.form.text("repos").unwrap_or_default().split(',');
    let repos = repos.map(str::trim).filter(|repo| !repo.is_empty());
    let repos = repos
        .map(RepoName::parse)
        .collect::<Result<std::collections::BTreeSet<_>, _>>();
    let repos = repos.map_err(|error| bad(&error))?;
    let days = doing.form.text("days").map(str::parse::<i64>).transpose();
    let days = days
        .ok()
        .filter(|days| days.is_none_or(|days| (1..=3650).contains(&days)));
    let Some(days) = days else {
        return Err(bad(&"A key is good for 1 to 3650 days, or without an end"));
    };
    let now = doing.web.service().clock().now();
    Ok(NewKey {
        name: KeyName::parse(doing.needed("name")?).map_err(|error| bad(&error))?,
        hash: secret_hash(secret.as_bytes()),
        agent,
        read_only: doing.form.text("read_only").is_some(),
        scope: if repos.is_empty() {
            Scope::All
        } else {
            Scope::Only(repos)
        },
        expires_at: days.map(|days| now.plus(Millis::minutes(days * 24 * 60))),
    })
}

pub(super) async fn make(doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
    permit(doing)?;
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    let secret = format!("{SECRET_PREFIX}{}", hex::encode(bytes));
    let new = new_key(doing, &secret)?;
    match doing.web.service().create_key(new).await.map_err(failed)? {
        KeyOutcome::Made(key) => {
            log(&key, doing, "a key was made on the dashboard");
            Ok(ActOutcome::Secret {
                title: format!("The key {}", key.name),
                words: "This is the only time that it is shown. Clients send it as Authorization: Bearer, and people sign in by it.".to_owned(),
                secret,
            })
        }
        KeyOutcome::NameTaken(key) => Err(ApiError::bad_request(format!(
            "There is a key with the name {}. Revoke it, or choose another name. Nothing was done.",
            key.name
        ))),
        KeyOutcome::Revoked { .. } | KeyOutcome::Unknown => Err(ApiError::internal()),
    }
}

pub(super) async fn confirm_revoke(doing: &ActContext<'_>) -> Result<Confirmation, ApiError> {
    permit(doing)?;
    let id = doing.needed("key")?;
    let keys = doing.web.service().store().keys().await;
    let keys = keys.map_err(|error| failed(error.into()))?;
    let key = keys.iter().find(|key| key.id == id);
    let key =
        key.ok_or_else(|| ApiError::bad_request("There is no such key. Nothing was done."))?;
    Ok(Confirmation {
        title: format!("Revoke the key {}", key.name),
        what: vec![
            Html::default().text("It lets nobody in any more, from the next request on. Streams and pages that were opened with it end within seconds."),
            Html::default().text("What was done with it stays. This cannot be taken back."),
        ],
        fields: Vec::new(),
        hidden: vec![("key", key.id.clone())],
        button: "Revoke it",
    })
}

pub(super) async fn revoke(doing: &ActContext<'_>) -> Result<ActOutcome, ApiError> {
    permit(doing)?;
    let id = doing.needed("key")?;
    match doing
        .web
        .service()
        .revoke_key(id.to_owned())
        .await
        .map_err(failed)?
    {
        KeyOutcome::Revoked { key, .. } => {
            log(&key, doing, "a key was revoked on the dashboard");
            Ok(ActOutcome::Said(format!(
                "The key {} lets nobody in any more.",
                key.name
            )))
        }
        KeyOutcome::Made(_) | KeyOutcome::NameTaken(_) | KeyOutcome::Unknown => Err(
            ApiError::bad_request("There is no such key. Nothing was done."),
        ),
    }
}

fn log(key: &AccessKey, doing: &ActContext<'_>, what: &str) {
    let by = String::from(doing.person.caller.principal.clone());
    tracing::info!(name: "web.key", key = key.id, key_name = key.name.as_str(), by, "{what}");
}
