//! The fields that all payloads share, and the reasons why a payload is ignored.

use issuecommand_core::domain::bounds::beginning;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::{Ignored, RepoRef};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::api_types::pulls::{PullRow, ReviewOrComment, repo_seen};

/// The most characters of an event's or action's name that are repeated. GitHub's names are half as long.
const WORD_MAX: usize = 100;

/// The fields for the subject of an event. Each supported event has its own set of them.
const SUBJECTS: [&str; 5] = ["issue", "pull_request", "comment", "review", "thread"];

/// The JSON object in a delivery's body, and the event that its header names.
#[derive(Clone, Copy)]
pub(super) struct Payload<'a> {
    pub(super) event: &'a str,
    fields: &'a Map<String, Value>,
}

impl<'a> Payload<'a> {
    pub(super) fn new(event: &'a str, fields: &'a Map<String, Value>) -> Self {
        let event = beginning(event, WORD_MAX);
        Self { event, fields }
    }

    /// A field; null counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// The names of all fields, null or not.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.fields.keys().map(String::as_str)
    }

    /// A time; an unreadable one counts as absent.
    pub(super) fn moment(&self, name: &str) -> Option<Timestamp> {
        Timestamp::parse(self.get(name)?.as_str()?)
    }

    /// The field `action`.
    pub(super) fn action(&self) -> Option<&'a str> {
        let action = self.get("action")?.as_str()?;
        Some(beginning(action, WORD_MAX))
    }

    pub(super) fn not_actionable(&self) -> Ignored {
        Ignored::NotActionable(self.event.to_owned())
    }

    /// The payload does not have the shape of the event that its header names.
    pub(super) fn unfit(&self, why: &str) -> Ignored {
        Ignored::Other(format!("not the shape of event {}: {why}", self.event))
    }

    /// Rejects a payload with a subject that this event never has.
    pub(super) fn is_about(&self, subjects: &[&str]) -> Result<(), Ignored> {
        let foreign = |subject: &&&str| !subjects.contains(*subject) && self.get(subject).is_some();
        match SUBJECTS.iter().find(foreign) {
            Some(foreign) => Err(self.unfit(&format!("it has {foreign}"))),
            None => Ok(()),
        }
    }

    /// The repository of the payload.
    pub(super) fn repo(&self) -> Result<RepoRef, Ignored> {
        let object = self.get("repository").ok_or(Ignored::MissingRepoOrPr)?;
        if let Some(seen) = repo_seen(object) {
            return Ok(seen);
        }
        let (owner, name) = (&object["owner"]["login"], &object["name"]);
        match (&object["full_name"], owner.as_str(), name.as_str()) {
            (full, Some(owner), Some(name)) if !full.is_string() => RepoName::new(owner, name)
                .map(|name| RepoRef { name, facts: None })
                .map_err(|_| Ignored::InvalidRepo),
            (Value::Null, _, _) if object.is_object() => Err(Ignored::MissingRepoOrPr),
            (Value::String(blank), _, _) if blank.trim().is_empty() => {
                Err(Ignored::MissingRepoOrPr)
            }
            _ => Err(Ignored::InvalidRepo),
        }
    }

    /// The default branch of the repository.
    pub(super) fn default_branch(&self) -> Option<&'a str> {
        self.get("repository")?.get("default_branch")?.as_str()
    }

    /// The pull request's number: from this field, or else from the payload itself.
    pub(super) fn number(&self, field: &str) -> Result<IssueNumber, Ignored> {
        let own = self.get(field).and_then(|object| object.get("number"));
        let number = own
            .filter(|number| !number.is_null())
            .or_else(|| self.get("number"))
            .ok_or(Ignored::MissingRepoOrPr)?;
        number
            .as_i64()
            .and_then(IssueNumber::new)
            .ok_or(Ignored::InvalidPrNumber)
    }

    /// A required field, parsed.
    pub(super) fn row<T: DeserializeOwned>(&self, field: &str) -> Result<T, Ignored> {
        let value = self
            .get(field)
            .ok_or_else(|| self.unfit(&format!("it has no {field}")))?;
        T::deserialize(value).map_err(|error| self.unreadable(field, &error))
    }

    /// The pull request as far as it is readable. Feedback on it counts even if other fields are unreadable.
    pub(super) fn pull(&self, field: &str) -> PullRow {
        self.get(field)
            .map(|object| PullRow::readable(object).0)
            .unwrap_or_default()
    }

    /// A review or comment. Its place and other optional fields may be missing.
    pub(super) fn said(&self, field: &str) -> Result<ReviewOrComment, Ignored> {
        self.row(field).or_else(|error| {
            let object = self.get(field).and_then(Value::as_object);
            let plain = object.and_then(ReviewOrComment::without_ornaments);
            plain.ok_or(error)
        })
    }

    fn unreadable(&self, field: &str, error: &serde_json::Error) -> Ignored {
        let words = error.to_string();
        // A message with quotes may contain text that users wrote.
        if words.contains('"') {
            self.unfit(&format!("its {field} cannot be read"))
        } else {
            self.unfit(&format!("its {field} cannot be read: {words}"))
        }
    }
}
