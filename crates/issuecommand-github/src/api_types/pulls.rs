//! Pull requests with their reviews and comments, as parsed by both polls and deliveries.
//!
//! All fields are optional, because deliveries may omit some. The code that uses a row checks what it needs.

mod before;
mod branches;
mod closes;
mod said;

use std::collections::BTreeSet;

use issuecommand_core::domain::bounds::{TITLE_MAX, beginning};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::issue::IssueState;
use issuecommand_core::domain::pull_request::PullRequestSnapshot;
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::{PullRequestRef, RepoRef};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

pub(crate) use self::before::Before;
use self::branches::BranchRef;
pub(crate) use self::said::ReviewOrComment;
use super::RepoRow;

/// The values of `author_association` for users who may write to the repository.
const WRITERS: [&str; 3] = ["OWNER", "MEMBER", "COLLABORATOR"];

/// The author of a text; every field may be missing.
#[derive(Debug, Deserialize)]
struct Account {
    login: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl Account {
    fn is_bot(&self) -> bool {
        self.kind.as_deref() == Some("Bot")
            || self
                .login
                .as_ref()
                .is_some_and(|login| login.ends_with("[bot]"))
    }
}

/// A pull request, as `/pulls` and deliveries return it.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct PullRow {
    pub(crate) number: Option<i64>,
    title: Option<String>,
    /// Empty for a pull request without a text; `None` if the payload omits it.
    #[serde(default, deserialize_with = "told")]
    body: Option<String>,
    html_url: Option<String>,
    #[serde(default, deserialize_with = "maybe_state")]
    state: Option<IssueState>,
    merged: Option<bool>,
    user: Option<Account>,
    #[serde(default, deserialize_with = "maybe_moment")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "maybe_moment")]
    merged_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "maybe_moment")]
    pub(crate) closed_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "maybe_moment")]
    pub(crate) updated_at: Option<Timestamp>,
    head: Option<BranchRef>,
    base: Option<BranchRef>,
    author_association: Option<String>,
}

/// Cuts a title, a URL or the name of a branch. GitHub's limits are lower.
fn short(text: &str) -> String {
    beginning(text, TITLE_MAX).to_owned()
}

impl PullRow {
    /// The row without its unreadable fields, and their names.
    pub(crate) fn readable(object: &Value) -> (Self, Vec<&str>) {
        if let Ok(row) = Self::deserialize(object) {
            return (row, Vec::new());
        }
        let Value::Object(fields) = object else {
            return (Self::default(), vec!["all of it"]);
        };
        let can_be_read = |name: &str, value: &Value| {
            let alone = Map::from_iter([(name.to_owned(), value.clone())]);
            Self::deserialize(&Value::Object(alone)).is_ok()
        };
        let (mut kept, mut bad) = (Map::new(), Vec::new());
        for (name, value) in fields {
            if can_be_read(name, value) {
                kept.insert(name.clone(), value.clone());
            } else {
                bad.push(name.as_str());
            }
        }
        // Without the base it is unknown which issues the text closes.
        if bad.contains(&"base") {
            kept.remove("body");
        }
        let row = Self::deserialize(&Value::Object(kept)).unwrap_or_default();
        (row, bad)
    }

    /// The required fields that the answer lacks or has in another form; `None` if it has all. `bad` are the unreadable fields.
    pub(crate) fn lacks(&self, bad: &[&str]) -> Option<String> {
        let is_needed = |name: &&&str| match **name {
            "user" | "author_association" => false,
            // The merge time does not matter if the pull request was not merged.
            "merged_at" => self.merged != Some(false),
            _ => true,
        };
        let present = [
            ("number", self.number.is_some()),
            ("title", self.title.is_some()),
            ("html_url", self.html_url.is_some()),
            ("state", self.state.is_some()),
            ("merged", self.merged.is_some()),
            ("merged_at", self.merged_at.is_some() || !self.merged()),
            ("created_at", self.created_at.is_some()),
            ("updated_at", self.updated_at.is_some()),
            ("head", self.head().is_some()),
            ("base", self.base_branch().is_some()),
        ];
        let absent = present.iter().filter(|(_, there)| !there);
        let lacks = bad.iter().filter(is_needed).copied();
        let lacks: BTreeSet<&str> = lacks.chain(absent.map(|(name, _)| *name)).collect();
        let lacks: Vec<&str> = lacks.into_iter().collect();
        (!lacks.is_empty()).then(|| lacks.join(", "))
    }

    /// Whether it was merged. Deliveries about reviews have only the merge time.
    pub(crate) fn merged(&self) -> bool {
        self.merged.unwrap_or(self.merged_at.is_some())
    }

    pub(crate) fn head(&self) -> Option<&str> {
        self.head.as_ref()?.sha.as_deref()
    }

    pub(crate) fn is_open(&self) -> Option<bool> {
        self.state.map(|state| state == IssueState::Open)
    }

    /// The complete snapshot; `None` if the row lacks a field. `default_branch` is the repository's, for rows without it.
    pub(crate) fn facts(
        &self,
        number: IssueNumber,
        home: &RepoName,
        default_branch: Option<&str>,
    ) -> Option<PullRequestSnapshot> {
        Some(PullRequestSnapshot {
            number,
            title: self.short_title()?,
            url: short(self.html_url.as_ref()?),
            open: self.is_open()?,
            merged: self.merged(),
            head: self.head().map(str::to_owned),
            updated_at: Some(self.updated_at?),
            ..self.thin(number, home, String::new(), default_branch)
        })
    }

    fn short_title(&self) -> Option<String> {
        Some(short(self.title.as_ref()?))
    }

    fn author(&self) -> Option<String> {
        self.user.as_ref()?.login.clone()
    }

    fn base_branch(&self) -> Option<String> {
        self.base.as_ref()?.branch.clone()
    }

    fn base_sha(&self) -> Option<String> {
        self.base.as_ref()?.sha.clone()
    }

    /// The snapshot of a row that may lack fields. `open` comes from the event.
    pub(crate) fn thin_facts(
        &self,
        number: IssueNumber,
        home: &RepoRef,
        default_branch: Option<&str>,
        open: bool,
    ) -> PullRequestSnapshot {
        let page = || match &home.facts {
            Some(facts) => format!("{}/pull/{number}", facts.url),
            None => format!("https://github.com/{}/pull/{number}", home.name),
        };
        let page = self.html_url.as_ref().map_or_else(page, |page| short(page));
        PullRequestSnapshot {
            open: self.is_open().unwrap_or(open),
            merged: self.merged(),
            head: self.head().map(str::to_owned),
            updated_at: self.updated_at,
            ..self.thin(number, &home.name, page, default_branch)
        }
    }

    /// The fields that any row may have.
    fn thin(
        &self,
        number: IssueNumber,
        home: &RepoName,
        page: String,
        default_branch: Option<&str>,
    ) -> PullRequestSnapshot {
        PullRequestSnapshot {
            has_text: self.body.is_some(),
            closes: self.closes(home, default_branch),
            trusted: self.is_by_a_writer(),
            created_at: self.created_at,
            closed_at: self.closed_at,
            merged_at: self.merged_at,
            author: self.author(),
            branch: (self.head.as_ref()).and_then(|head| Some(short(head.branch.as_ref()?))),
            base: self.base_branch(),
            base_sha: self.base_sha(),
            ..PullRequestSnapshot::thin(number, self.short_title().unwrap_or_default(), page)
        }
    }

    /// Whether the row proves that its author may write to the repository: the branch is in it, or `author_association` says
    /// so. Other values (`CONTRIBUTOR` …) prove nothing.
    fn is_by_a_writer(&self) -> bool {
        let own_branch = match (&self.head, &self.base) {
            (Some(head), Some(base)) => head.is_beside(base),
            _ => false,
        };
        own_branch || trusted(self.author_association.as_deref())
    }

    pub(crate) fn glance(
        self,
        number: IssueNumber,
        home: &RepoName,
        default_branch: Option<&str>,
    ) -> PullRequestRef {
        PullRequestRef {
            number,
            open: self.is_open(),
            at: self.updated_at,
            facts: self.facts(number, home, default_branch),
            title: self.title,
            url: self.html_url,
        }
    }
}

/// A repository, with facts if the object is complete; `None` if it has no usable name.
pub(crate) fn repo_seen(object: &Value) -> Option<RepoRef> {
    if let Ok(row) = RepoRow::deserialize(object) {
        let facts = RepoSnapshot::from(row);
        return Some(RepoRef {
            name: facts.name.clone(),
            facts: Some(facts),
        });
    }
    let name = RepoName::parse(object.get("full_name")?.as_str()?).ok()?;
    Some(RepoRef { name, facts: None })
}

fn trusted(association: Option<&str>) -> bool {
    association.is_some_and(|association| WRITERS.contains(&association))
}

fn maybe_moment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    Option::<String>::deserialize(from)?
        .map(|text| Timestamp::parse(&text).ok_or_else(|| D::Error::custom("a time that is none")))
        .transpose()
}

/// Null means an empty text, unlike an absent field.
fn told<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(Some(text.unwrap_or_default()))
}

fn maybe_state<'de, D: Deserializer<'de>>(from: D) -> Result<Option<IssueState>, D::Error> {
    match Option::<String>::deserialize(from)?.as_deref() {
        None => Ok(None),
        Some("open") => Ok(Some(IssueState::Open)),
        Some("closed") => Ok(Some(IssueState::Closed)),
        Some(_) => Err(D::Error::custom("a state that is neither open nor closed")),
    }
}
