//! What is new of a pull request: the poll for those whom no webhook reaches.

use issuecommand_core::failure::{GithubError, GithubErrorKind};
use issuecommand_core::followup::{Ending, SourceId, SourceKind};
use issuecommand_core::github::{Fetched, PullNews};
use issuecommand_core::pull::{PullFacts, PullValidators};
use issuecommand_core::repo::RepoName;
use issuecommand_core::store::LinkedPull;
use issuecommand_core::time::Timestamp;
use issuecommand_core::webhook::{Meaning, PullChange, PullGlance, RepoSeen};
use reqwest::{StatusCode, Url};
use serde::Deserialize;
use serde_json::Value;

use super::answer::Answer;
use super::{PER_PAGE, Rest};
use crate::shapes::pulls::{PullRow, SaidRow, repo_seen};

/// The rows of a full page.
const FULL: usize = 100;

/// A commit, as much of it as tells when it was made.
#[derive(Debug, Deserialize)]
struct CommitRow {
    commit: CommitBody,
}

#[derive(Debug, Deserialize)]
struct CommitBody {
    committer: Option<Stamp>,
}

#[derive(Debug, Deserialize)]
struct Stamp {
    date: Option<String>,
}

/// What the meanings of one poll have in common.
struct Place {
    repo: RepoSeen,
    pull: PullGlance,
}

impl Rest {
    pub(super) async fn news_of(&self, pull: &LinkedPull) -> Result<PullNews, GithubError> {
        let mut validators = pull.validators.clone();
        let (place, itself) = self.itself(pull, &mut validators).await?;
        let base = format!("repos/{}/pulls/{}", pull.repo, pull.number);
        let reviews = self
            .new_rows(format!("{base}/reviews"), &mut validators.reviews)
            .await?;
        let on_lines = self
            .new_rows(format!("{base}/comments"), &mut validators.review_comments)
            .await?;
        let under = format!("repos/{}/issues/{}/comments", pull.repo, pull.number);
        let under = self.new_rows(under, &mut validators.comments).await?;
        let mut meanings: Vec<Meaning> = itself.into_iter().collect();
        meanings.extend(reviews.into_iter().filter_map(|row| place.review(row)));
        let on_line = |row| place.said(row, SourceKind::ReviewComment);
        meanings.extend(on_lines.into_iter().map(on_line));
        let comment = |row| place.said(row, SourceKind::PrComment);
        meanings.extend(under.into_iter().map(comment));
        Ok(PullNews {
            meanings,
            validators,
        })
    }

    /// The pull request itself, where it changed.
    async fn itself(
        &self,
        pull: &LinkedPull,
        validators: &mut PullValidators,
    ) -> Result<(Place, Option<Meaning>), GithubError> {
        let path = format!("repos/{}/pulls/{}", pull.repo, pull.number);
        let url = self.client.at(&path);
        let answer = match self.ask_again(url, validators.pull.as_deref()).await? {
            Fetched::New(answer) => answer,
            Fetched::Unchanged => return Ok((place(pull, None), None)),
        };
        let object = self.client.parse::<Value>(&answer)?;
        let row = self.client.parse::<PullRow>(&answer)?;
        let place = place(pull, repo_seen(&object["base"]["repo"]));
        let repo = place.repo.clone();
        let facts = row
            .facts(pull.number, &repo.name, None)
            .filter(|_| row.number == Some(pull.number.get()));
        let Some(facts) = facts else {
            let words = "answered with something else than the whole pull request";
            return Err(self.client.unexpected(&answer.request, words));
        };
        let change = self.change(pull, &row, &facts, &repo.name).await?;
        validators.pull = answer.validator;
        let meaning = Meaning::Pull {
            repo,
            pull: facts,
            action: "poll".to_owned(),
            change,
        };
        Ok((place, Some(meaning)))
    }

    /// What happened to it since the last poll, as far as it can be told from how it is now.
    async fn change(
        &self,
        pull: &LinkedPull,
        row: &PullRow,
        facts: &PullFacts,
        repo: &RepoName,
    ) -> Result<PullChange, GithubError> {
        if facts.merged {
            return Ok(PullChange::Facts);
        }
        if !facts.open {
            return Ok(PullChange::Cut(row.closed_at.or(facts.updated_at)));
        }
        let Some(head) = facts.head.as_ref().filter(|_| facts.head != pull.head) else {
            return Ok(PullChange::Facts);
        };
        let made = self.committed_at(repo, head).await?;
        Ok(match made {
            // A commit cannot have been pushed after the last change; one that says so has a wrong clock.
            Some(made) => PullChange::Pushed(facts.updated_at.min(Some(made))),
            // When it was pushed is not known; feedback that stays too long is better than feedback that is lost.
            None => PullChange::Facts,
        })
    }

    /// When a commit was made; `None` where GitHub does not show it.
    async fn committed_at(
        &self,
        repo: &RepoName,
        sha: &str,
    ) -> Result<Option<Timestamp>, GithubError> {
        if !sha.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(None);
        }
        let mut url = self.client.at(&format!("repos/{repo}/commits/{sha}"));
        // Its files come with it, and one is the least that can be asked for.
        url.query_pairs_mut().append_pair("per_page", "1");
        let answer = match self.client.get_following(url, None).await {
            Ok(answer) => answer,
            // A refusal for good, as 409 of an empty repository and 422 of an unknown hash are.
            Err(error) if error.kind == GithubErrorKind::Unexpected => return Ok(None),
            Err(error) => return Err(error),
        };
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(None);
        }
        let row = self.client.parse::<CommitRow>(&answer)?;
        let date = row.commit.committer.and_then(|stamp| stamp.date);
        Ok(date.and_then(|date| Timestamp::parse(&date)))
    }

    /// All rows of a list that may have changed; none when it did not. Takes the validator of the last poll and leaves that
    /// of the next.
    async fn new_rows(
        &self,
        path: String,
        validator: &mut Option<String>,
    ) -> Result<Vec<SaidRow>, GithubError> {
        let mut url = self.client.at(&path);
        url.query_pairs_mut().append_pair("per_page", PER_PAGE);
        let first = match self.ask_again(url, validator.as_deref()).await? {
            Fetched::New(answer) => answer,
            Fetched::Unchanged => return Ok(Vec::new()),
        };
        let etag = first.validator.clone();
        let rows = self.all_from::<SaidRow>(first).await?;
        // A full page stays as it is while the next one grows: its validator would hide that.
        *validator = etag.filter(|_| rows.len() < FULL);
        Ok(rows)
    }

    /// Reads what may be as it was when the validator was given.
    async fn ask_again(
        &self,
        url: Url,
        validator: Option<&str>,
    ) -> Result<Fetched<Answer>, GithubError> {
        // A pull request never leaves its repository: where a redirect leads it is the same one.
        let answer = self.client.get_following(url, validator).await?;
        if answer.unchanged {
            return Ok(Fetched::Unchanged);
        }
        Ok(Fetched::New(answer))
    }
}

/// What was said is heard after the pull request itself, and has nothing to add to it.
fn place(pull: &LinkedPull, seen: Option<RepoSeen>) -> Place {
    Place {
        repo: seen.unwrap_or_else(|| RepoSeen {
            name: pull.repo.clone(),
            facts: None,
        }),
        pull: PullGlance {
            number: pull.number,
            title: None,
            url: None,
            open: None,
            facts: None,
        },
    }
}

impl Place {
    /// A review, if it asks for changes or was dismissed. One that was not submitted yet is its author's own.
    fn review(&self, row: SaidRow) -> Option<Meaning> {
        if row.is_state("changes_requested") {
            return Some(self.said(row, SourceKind::ReviewChangesRequested));
        }
        row.is_state("dismissed").then(|| Meaning::Withdrawn {
            repo: self.repo.clone(),
            pull: self.pull.clone(),
            sources: vec![SourceId::review(row.id)],
            ending: Ending::Dismissed,
        })
    }

    fn said(&self, row: SaidRow, kind: SourceKind) -> Meaning {
        let (source, bot) = row.source(kind);
        Meaning::Feedback {
            repo: self.repo.clone(),
            pull: self.pull.clone(),
            source,
            bot,
        }
    }
}
