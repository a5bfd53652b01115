//! Pull requests, reviews and comments on them: the one reading that polls and deliveries share.
//!
//! Rows are lenient, for deliveries may be thin: what must be there is demanded by who uses it.

use issuecommand_core::followup::{Ending, Side, Source, SourceId, SourceKind, bounded_hunk};
use issuecommand_core::id::IssueNumber;
use issuecommand_core::issue::IssueState;
use issuecommand_core::keywords::closed_by;
use issuecommand_core::pull::PullFacts;
use issuecommand_core::repo::{RepoFacts, RepoName};
use issuecommand_core::time::Timestamp;
use issuecommand_core::webhook::{PullGlance, RepoSeen, Voice};
use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::RepoRow;
use crate::marker::is_marked;

/// What GitHub calls people who may write to the repository.
const WRITERS: [&str; 3] = ["OWNER", "MEMBER", "COLLABORATOR"];

/// Who said something; every part may be missing.
#[derive(Debug, Deserialize)]
struct Speaker {
    login: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl Speaker {
    fn is_bot(&self) -> bool {
        self.kind.as_deref() == Some("Bot")
            || self
                .login
                .as_ref()
                .is_some_and(|login| login.ends_with("[bot]"))
    }
}

/// One end of a pull request.
#[derive(Debug, Deserialize)]
struct EndRow {
    sha: Option<String>,
    #[serde(rename = "ref")]
    branch: Option<String>,
    repo: Option<HomeRow>,
}

#[derive(Debug, Deserialize)]
struct HomeRow {
    default_branch: Option<String>,
}

/// A pull request, as `/pulls` and deliveries show it.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct PullRow {
    pub(crate) number: Option<i64>,
    title: Option<String>,
    body: Option<String>,
    html_url: Option<String>,
    #[serde(default, deserialize_with = "maybe_state")]
    state: Option<IssueState>,
    merged: Option<bool>,
    merged_at: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "maybe_moment")]
    pub(crate) closed_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "maybe_moment")]
    pub(crate) updated_at: Option<Timestamp>,
    head: Option<EndRow>,
    base: Option<EndRow>,
    author_association: Option<String>,
    user: Option<Speaker>,
}

impl PullRow {
    /// It was merged. Deliveries about reviews say only when.
    pub(crate) fn merged(&self) -> bool {
        self.merged == Some(true) || self.merged_at.is_some()
    }

    pub(crate) fn head(&self) -> Option<&str> {
        self.head.as_ref()?.sha.as_deref()
    }

    pub(crate) fn is_open(&self) -> Option<bool> {
        self.state.map(|state| state == IssueState::Open)
    }

    /// All of it; `None` of a thin row. `default_branch` is that of the repository, where the row itself does not say.
    pub(crate) fn facts(
        &self,
        number: IssueNumber,
        home: &RepoName,
        default_branch: Option<&str>,
    ) -> Option<PullFacts> {
        Some(PullFacts {
            number,
            title: self.title.clone()?,
            url: self.html_url.clone()?,
            open: self.is_open()?,
            merged: self.merged(),
            head: self.head().map(str::to_owned),
            updated_at: Some(self.updated_at?),
            closes: self.closes(home, default_branch),
            trusted: trusted(self.author_association.as_deref()),
            author: self.author(),
            pushed_over: None,
            base: self.base_branch(),
            base_sha: self.base_sha(),
        })
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

    /// What is known where the row is thin. `open` is what the event itself says.
    pub(crate) fn thin_facts(
        &self,
        number: IssueNumber,
        home: &RepoSeen,
        default_branch: Option<&str>,
        open: bool,
    ) -> PullFacts {
        let page = || match &home.facts {
            Some(facts) => format!("{}/pull/{number}", facts.url),
            None => format!("https://github.com/{}/pull/{number}", home.name),
        };
        PullFacts {
            number,
            title: self.title.clone().unwrap_or_default(),
            url: self.html_url.clone().unwrap_or_else(page),
            open: self.is_open().unwrap_or(open),
            merged: self.merged(),
            head: self.head().map(str::to_owned),
            updated_at: self.updated_at,
            closes: self.closes(&home.name, default_branch),
            trusted: trusted(self.author_association.as_deref()),
            author: self.author(),
            pushed_over: None,
            base: self.base_branch(),
            base_sha: self.base_sha(),
        }
    }

    pub(crate) fn glance(
        self,
        number: IssueNumber,
        home: &RepoName,
        default_branch: Option<&str>,
    ) -> PullGlance {
        PullGlance {
            number,
            open: self.is_open(),
            at: self.updated_at,
            facts: self.facts(number, home, default_branch),
            title: self.title,
            url: self.html_url,
        }
    }

    /// GitHub closes issues only from the default branch, and reads only the description.
    fn closes(
        &self,
        home: &RepoName,
        default_branch: Option<&str>,
    ) -> Vec<(RepoName, IssueNumber)> {
        let base = self.base.as_ref();
        let into = base.and_then(|base| base.branch.as_deref());
        let own = base
            .and_then(|base| base.repo.as_ref())
            .and_then(|repo| repo.default_branch.as_deref());
        let default = own.or(default_branch);
        if into.is_some() && default.is_some() && into != default {
            return Vec::new();
        }
        closed_by(self.body.as_deref().unwrap_or_default(), home)
    }
}

/// A review, or a comment on a line or under a pull request: they differ in their names alone.
#[derive(Debug, Deserialize)]
pub(crate) struct SaidRow {
    pub(crate) id: i64,
    user: Option<Speaker>,
    body: Option<String>,
    author_association: Option<String>,
    html_url: Option<String>,
    path: Option<String>,
    line: Option<i64>,
    start_line: Option<i64>,
    original_line: Option<i64>,
    side: Option<String>,
    diff_hunk: Option<String>,
    in_reply_to_id: Option<i64>,
    pub(crate) pull_request_review_id: Option<i64>,
    /// Why it is hidden; null or absent while it is shown.
    minimized: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "maybe_moment")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "maybe_moment")]
    updated_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "maybe_moment")]
    pub(crate) submitted_at: Option<Timestamp>,
    /// Of a review: upper case where GitHub is asked, lower case where it tells.
    state: Option<String>,
}

impl SaidRow {
    pub(crate) fn is_state(&self, state: &str) -> bool {
        self.state
            .as_ref()
            .is_some_and(|known| known.eq_ignore_ascii_case(state))
    }

    /// Who wrote it; `None` for a deleted account.
    pub(crate) fn login(&self) -> Option<&str> {
        self.user.as_ref()?.login.as_deref()
    }

    pub(crate) fn has_text(&self) -> bool {
        self.body
            .as_ref()
            .is_some_and(|body| !body.trim().is_empty())
    }

    /// What kind of feedback a review is: one that asks for changes, or one that has something to say. An approval is none,
    /// whatever it says, and one that was not submitted yet is its author's own.
    pub(crate) fn review_kind(&self) -> Option<SourceKind> {
        if self.is_state("changes_requested") {
            return Some(SourceKind::ReviewChangesRequested);
        }
        (self.is_state("commented") && self.has_text()).then_some(SourceKind::PrComment)
    }

    /// A review that was approved or dismissed: what its author asked for before is asked for no more.
    pub(crate) fn verdict(&self) -> Option<Ending> {
        if self.is_state("approved") {
            Some(Ending::Approved)
        } else {
            self.is_state("dismissed").then_some(Ending::Dismissed)
        }
    }

    /// The names of the reviews that are withdrawn by themselves with a verdict on this one.
    pub(crate) fn withdrawn(&self, verdict: Ending) -> Vec<SourceId> {
        if verdict == Ending::Dismissed {
            vec![SourceId::review(self.id)]
        } else {
            Vec::new()
        }
    }

    /// A review as the event that a follow-up may come from, and who speaks.
    pub(crate) fn review(self, kind: SourceKind) -> (Source, Voice) {
        let (id, submitted) = (SourceId::review(self.id), self.submitted_at);
        let (mut source, voice) = self.said(id, kind);
        source.created_at = submitted.or(source.created_at);
        (source, voice)
    }

    /// A comment on a line.
    pub(crate) fn on_a_line(self) -> (Source, Voice) {
        let id = SourceId::review_comment(self.id);
        self.said(id, SourceKind::ReviewComment)
    }

    /// A comment under the pull request.
    pub(crate) fn under_it(self) -> (Source, Voice) {
        let id = SourceId::issue_comment(self.id);
        self.said(id, SourceKind::PrComment)
    }

    fn said(self, id: SourceId, kind: SourceKind) -> (Source, Voice) {
        let body = self.body.unwrap_or_default();
        let voice = Voice {
            bot: self.user.as_ref().is_some_and(Speaker::is_bot),
            marked: is_marked(&body),
            ..Voice::default()
        };
        let source = Source {
            requested_by: self.user.and_then(|user| user.login),
            author_association: self.author_association,
            body,
            url: self.html_url,
            path: self.path,
            line: self.line,
            created_at: self.created_at,
            updated_at: self.updated_at,
            start_line: self.start_line,
            side: self.side.as_deref().and_then(Side::parse),
            original_line: self.original_line,
            hunk: self.diff_hunk.as_deref().map(bounded_hunk),
            in_reply_to: self.in_reply_to_id,
            review: self.pull_request_review_id,
            hidden: self.minimized.is_some(),
            ..Source::new(id, kind)
        };
        (source, voice)
    }
}

/// A repository, whole where the object is; `None` where it has no name at all that can be used.
pub(crate) fn repo_seen(object: &Value) -> Option<RepoSeen> {
    if let Ok(row) = RepoRow::deserialize(object) {
        let facts = RepoFacts::from(row);
        return Some(RepoSeen {
            name: facts.name.clone(),
            facts: Some(facts),
        });
    }
    let name = RepoName::parse(object.get("full_name")?.as_str()?).ok()?;
    Some(RepoSeen { name, facts: None })
}

fn trusted(association: Option<&str>) -> bool {
    association.is_some_and(|association| WRITERS.contains(&association))
}

fn maybe_moment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    Option::<String>::deserialize(from)?
        .map(|text| Timestamp::parse(&text).ok_or_else(|| D::Error::custom("a time that is none")))
        .transpose()
}

fn maybe_state<'de, D: Deserializer<'de>>(from: D) -> Result<Option<IssueState>, D::Error> {
    match Option::<String>::deserialize(from)?.as_deref() {
        None => Ok(None),
        Some("open") => Ok(Some(IssueState::Open)),
        Some("closed") => Ok(Some(IssueState::Closed)),
        Some(_) => Err(D::Error::custom("a state that is neither open nor closed")),
    }
}
