//! Values that are kept as JSON, and the texts of the small types.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::WorkItemId;
use issuecommand_core::domain::id::{AgentId, IssueKey, IssueNumber, RepoId};
use issuecommand_core::domain::priority::Priority;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::session::SessionId;
use serde::de::DeserializeOwned;
use serde::de::value::{Error, StrDeserializer};
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::error::unreadable;

/// A value kept as JSON, with the version of its form.
#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    v: u32,
    value: T,
}

/// Writes a value with the version of its form.
pub(crate) fn versioned(value: &impl Serialize) -> Result<String, StoreError> {
    text(&Versioned { v: 1, value })
}

/// Reads what [`versioned`] wrote.
pub(crate) fn unversioned<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    parse::<Versioned<T>>(text).map(|versioned| versioned.value)
}

/// Reads a session's id, where there is one.
pub(crate) fn session(text: Option<&str>) -> Result<Option<SessionId>, StoreError> {
    text.map(SessionId::parse).transpose().map_err(unreadable)
}

/// Reads what [`versioned`] wrote, where there is anything.
pub(crate) fn unversioned_if_any<T: DeserializeOwned>(
    text: Option<&str>,
) -> Result<Option<T>, StoreError> {
    text.map(unversioned).transpose()
}

pub(crate) fn text(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(unreadable)
}

/// Reads JSON.
///
/// # Errors
/// [`StoreError::Corrupt`] for another form.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(unreadable)
}

/// Reads the text of an enum without fields.
pub(crate) fn parse_enum<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    T::deserialize(StrDeserializer::<Error>::new(text))
        .map_err(|error| unreadable(format!("{text:?}: {error}")))
}

/// Reads the name of a repository.
///
/// # Errors
/// [`StoreError::Corrupt`] for what is no name.
pub fn repo_name(text: &str) -> Result<RepoName, StoreError> {
    RepoName::parse(text).map_err(|error| unreadable(format!("repository {text:?}: {error}")))
}

/// Reads the number of an issue or a pull request.
///
/// # Errors
/// [`StoreError::Corrupt`] for what is no number.
pub fn issue_number(number: i64) -> Result<IssueNumber, StoreError> {
    IssueNumber::new(number).ok_or_else(|| unreadable(format!("issue number {number}")))
}

/// Reads a priority.
pub(crate) fn priority(number: i64) -> Result<Priority, StoreError> {
    Priority::from_number(number).ok_or_else(|| unreadable(format!("rank {number}")))
}

/// Reads keys of issues or pull requests.
///
/// # Errors
/// [`StoreError::Corrupt`] for what is no number.
pub fn issue_keys(keys: Vec<(i64, i64)>) -> Result<Vec<IssueKey>, StoreError> {
    let key = |(repo, number)| Ok((RepoId(repo), issue_number(number)?));
    keys.into_iter().map(key).collect()
}

pub(crate) fn agent(text: Option<&str>) -> Result<Option<AgentId>, StoreError> {
    text.map(agent_id).transpose()
}

/// Reads an agent's name that must be there.
pub(crate) fn agent_id(text: &str) -> Result<AgentId, StoreError> {
    AgentId::parse(text).map_err(unreadable)
}

/// Reads a UUID.
///
/// # Errors
/// [`StoreError::Corrupt`] for what is none.
pub fn parse_uuid(text: &str) -> Result<Uuid, StoreError> {
    Uuid::parse_str(text).map_err(|error| unreadable(format!("id {text:?}: {error}")))
}

pub(crate) fn item_id(text: &str) -> Result<WorkItemId, StoreError> {
    parse_uuid(text).map(WorkItemId)
}

/// A count that core keeps in 32 bits.
pub(crate) fn count(count: i64) -> Result<u32, StoreError> {
    u32::try_from(count).map_err(|_| unreadable(format!("a count of {count}")))
}

/// Reads a Boolean column. SQLite has numbers for it.
pub(crate) fn boolean<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Column {
        Number(u8),
        Boolean(bool),
    }
    Ok(match Column::deserialize(from)? {
        Column::Number(number) => number != 0,
        Column::Boolean(is) => is,
    })
}
