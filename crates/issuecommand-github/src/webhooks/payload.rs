//! One payload: what every event has in common, and the reasons why it cannot be used.

use issuecommand_core::domain::bounds::beginning;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::{Ignored, RepoRef};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::shapes::pulls::{PullRow, ReviewOrComment, repo_seen};

/// The longest name of an event or an action that is repeated. GitHub's own have half of that.
const WORD_MAX: usize = 100;

/// The fields that say what an event is about. Each of the events that we read has its own set of them.
const SUBJECTS: [&str; 5] = ["issue", "pull_request", "comment", "review", "thread"];

/// The body of a delivery that is a JSON object, and the event that its header claims.
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

    /// A field; null is as good as absent.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// The names of all fields, null or not.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.fields.keys().map(String::as_str)
    }

    /// A moment; one that cannot be read is as good as absent.
    pub(super) fn moment(&self, name: &str) -> Option<Timestamp> {
        Timestamp::parse(self.get(name)?.as_str()?)
    }

    /// GitHub's word for what happened.
    pub(super) fn action(&self) -> Option<&'a str> {
        let action = self.get("action")?.as_str()?;
        Some(beginning(action, WORD_MAX))
    }

    pub(super) fn not_actionable(&self) -> Ignored {
        Ignored::NotActionable(self.event.to_owned())
    }

    /// That it is not what its header claims.
    pub(super) fn unfit(&self, why: &str) -> Ignored {
        Ignored::Other(format!("not the shape of event {}: {why}", self.event))
    }

    /// Refuses a payload that is about something that this event is never about.
    pub(super) fn is_about(&self, subjects: &[&str]) -> Result<(), Ignored> {
        let foreign = |subject: &&&str| !subjects.contains(*subject) && self.get(subject).is_some();
        match SUBJECTS.iter().find(foreign) {
            Some(foreign) => Err(self.unfit(&format!("it has {foreign}"))),
            None => Ok(()),
        }
    }

    /// Its repository.
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

    /// The branch that the repository's pull requests usually go to.
    pub(super) fn default_branch(&self) -> Option<&'a str> {
        self.get("repository")?.get("default_branch")?.as_str()
    }

    /// The number of the pull request: of this field, or else of the payload itself.
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

    /// A field that must be there, read.
    pub(super) fn row<T: DeserializeOwned>(&self, field: &str) -> Result<T, Ignored> {
        let value = self
            .get(field)
            .ok_or_else(|| self.unfit(&format!("it has no {field}")))?;
        T::deserialize(value).map_err(|error| self.unreadable(field, &error))
    }

    /// Its pull request, as far as it is there and can be read: what is said on it counts whatever else is wrong with it.
    pub(super) fn pull(&self, field: &str) -> PullRow {
        self.get(field)
            .map(|object| PullRow::readable(object).0)
            .unwrap_or_default()
    }

    /// A review or a comment. Where it stands and what it looks like may be missing.
    pub(super) fn said(&self, field: &str) -> Result<ReviewOrComment, Ignored> {
        self.row(field).or_else(|error| {
            let object = self.get(field).and_then(Value::as_object);
            let plain = object.and_then(ReviewOrComment::without_ornaments);
            plain.ok_or(error)
        })
    }

    fn unreadable(&self, field: &str, error: &serde_json::Error) -> Ignored {
        let words = error.to_string();
        // Words that quote may quote the text of strangers.
        if words.contains('"') {
            self.unfit(&format!("its {field} cannot be read"))
        } else {
            self.unfit(&format!("its {field} cannot be read: {words}"))
        }
    }
}
