//! Polls one pull request for updates, in place of webhooks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use issuecommand_core::domain::failure::{GithubError, GithubErrorKind};
use issuecommand_core::domain::followup::{FeedbackEvent, Resolution, SourceId};
use issuecommand_core::domain::pull_request::{LinkedPull, PullRequestSnapshot, PullValidators};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::{GithubEvent, PullChange, PullRequestRef, RepoRef, Voice};
use issuecommand_core::engine::command::HeadQuestion;
use issuecommand_core::ports::github::{Fetched, PullRequestUpdates, UnreadableRow};
use reqwest::{StatusCode, Url};
use serde_json::Value;

use super::response::Answer;
use super::{FULL, PER_PAGE, Rest};
use crate::api_types::commits::CommitRow;
use crate::api_types::pulls::{PullRow, ReviewOrComment, repo_seen};

/// The timeout for the lookup of a pushed commit.
const LOOK_UP: Duration = Duration::from_secs(2);

/// The fields that all events of one poll share.
struct Place {
    repo: RepoRef,
    pull: PullRequestRef,
}

/// A list of reviews or comments: unchanged since the last poll, or read.
enum Listed {
    Unchanged,
    /// All readable rows.
    Rows(Vec<ReviewOrComment>),
}

/// The parts of a pull request that could not be read.
#[derive(Default)]
struct Gaps {
    /// The reasons, without any text that users wrote.
    reasons: Vec<String>,
    /// A review is among them, so it is unknown which comments belong to it.
    reviews: bool,
}

impl Listed {
    fn rows(&self) -> &[ReviewOrComment] {
        match self {
            Self::Unchanged => &[],
            Self::Rows(rows) => rows,
        }
    }

    /// The ids in the list, if it was read.
    fn ids(&self) -> Option<BTreeSet<i64>> {
        match self {
            Self::Unchanged => None,
            Self::Rows(rows) => Some(rows.iter().map(|row| row.id).collect()),
        }
    }

    fn into_rows(self) -> Vec<ReviewOrComment> {
        match self {
            Self::Unchanged => Vec::new(),
            Self::Rows(rows) => rows,
        }
    }
}

impl Rest {
    pub(super) async fn news_of(
        &self,
        pull: &LinkedPull,
    ) -> Result<PullRequestUpdates, GithubError> {
        let mut validators = pull.validators.clone();
        let mut gaps = Gaps::default();
        let (place, itself) = self.itself(pull, &mut validators, &mut gaps).await?;
        let base = format!("repos/{}/pulls/{}", pull.repo, pull.number);
        let (reviews, lines) = (format!("{base}/reviews"), format!("{base}/comments"));
        let mut reviews_now = self
            .reviews(&reviews, &mut validators.reviews, &mut gaps)
            .await?;
        let mut on_lines = self
            .listed(&lines, &mut validators.review_comments, &mut gaps)
            .await?;
        // Only its review shows whether a line comment is a draft, and submitting a review does not change its comments. So if
        // one of the lists changed, both are read.
        match (&reviews_now, &on_lines) {
            (Listed::Rows(_), Listed::Unchanged) => {
                validators.review_comments = None;
                on_lines = self
                    .listed(&lines, &mut validators.review_comments, &mut gaps)
                    .await?;
            }
            (Listed::Unchanged, Listed::Rows(rows)) if !rows.is_empty() => {
                validators.reviews = None;
                reviews_now = self
                    .reviews(&reviews, &mut validators.reviews, &mut gaps)
                    .await?;
            }
            (Listed::Rows(_) | Listed::Unchanged, _) => {}
        }
        let under = format!("repos/{}/issues/{}/comments", pull.repo, pull.number);
        let under = self
            .listed(&under, &mut validators.comments, &mut gaps)
            .await?;
        let mut meanings: Vec<GithubEvent> = itself.into_iter().collect();
        meanings.extend(self.deleted(pull, &place, &on_lines, &under).await?);
        let pending = |row: &&ReviewOrComment| row.is_state("pending");
        let drafts: BTreeSet<i64> = (reviews_now.rows().iter().filter(pending))
            .map(|row| row.id)
            .collect();
        let known: BTreeSet<i64> = reviews_now.rows().iter().map(|row| row.id).collect();
        let said_in: BTreeMap<i64, Timestamp> = (reviews_now.rows().iter())
            .filter_map(|row| Some((row.id, row.submitted_at?)))
            .collect();
        let reviews = reviews_now.into_rows().into_iter();
        meanings.extend(reviews.filter_map(|row| place.review(row)));
        let is_said = |row: &ReviewOrComment| {
            // A comment of an unreadable review may be a draft.
            row.pull_request_review_id.is_none_or(|review| {
                !drafts.contains(&review) && (!gaps.reviews || known.contains(&review))
            })
        };
        let on_line = |row: ReviewOrComment| {
            let submitted = row.pull_request_review_id.and_then(|id| said_in.get(&id));
            let (mut source, voice) = row.on_a_line();
            // A draft counts as written when its review is submitted.
            source.updated_at = source.updated_at.max(submitted.copied());
            place.said(source, voice)
        };
        let on_lines = on_lines.into_rows().into_iter();
        meanings.extend(on_lines.filter(is_said).map(on_line));
        let comment = |row: ReviewOrComment| {
            let (source, voice) = row.under_it();
            place.said(source, voice)
        };
        meanings.extend(under.into_rows().into_iter().map(comment));
        let unreadable = gaps.reasons.into_iter().map(|reason| UnreadableRow {
            number: Some(pull.number),
            reason,
        });
        Ok(PullRequestUpdates {
            meanings,
            validators,
            unreadable: unreadable.collect(),
        })
    }

    /// Waiting comments that were deleted. A comment counts as deleted if it is missing from a complete list and its own URL
    /// answers 404 or 410, because rows move between pages while a list is read.
    async fn deleted(
        &self,
        pull: &LinkedPull,
        place: &Place,
        on_lines: &Listed,
        under: &Listed,
    ) -> Result<Vec<GithubEvent>, GithubError> {
        let mut gone = Vec::new();
        let mut asked = BTreeSet::new();
        let (on_lines, under) = (on_lines.ids(), under.ids());
        for source in &pull.waiting {
            let Some((kind, id)) = source.base().split_once(':') else {
                continue;
            };
            let Ok(id) = id.parse::<i64>() else { continue };
            let (listed, path) = match kind {
                "review_comment" => (&on_lines, "pulls"),
                "issue_comment" => (&under, "issues"),
                _ => continue,
            };
            let missing = listed.as_ref().is_some_and(|ids| !ids.contains(&id));
            if !missing || !asked.insert((kind, id)) {
                continue;
            }
            let url = self
                .client
                .at(&format!("repos/{}/{path}/comments/{id}", pull.repo));
            let answer = self.client.get_following(url, None).await?;
            if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
                gone.push(SourceId(source.base().to_owned()));
            }
        }
        let meaning = GithubEvent::Withdrawn {
            repo: place.repo.clone(),
            pull: place.pull.clone(),
            sources: gone.clone(),
            ending: Resolution::Deleted,
            reviewer: None,
            at: None,
        };
        Ok((!gone.is_empty()).then_some(meaning).into_iter().collect())
    }

    /// The pull request itself, if it changed.
    async fn itself(
        &self,
        pull: &LinkedPull,
        validators: &mut PullValidators,
        gaps: &mut Gaps,
    ) -> Result<(Place, Option<GithubEvent>), GithubError> {
        let path = format!("repos/{}/pulls/{}", pull.repo, pull.number);
        let url = self.client.at(&path);
        let answer = match self.ask_again(url, validators.pull.as_deref()).await? {
            Fetched::New(answer) => answer,
            Fetched::Unchanged => return Ok((place(pull, None), None)),
        };
        let object = self.client.parse::<Value>(&answer)?;
        let (row, bad) = PullRow::readable(&object);
        let place = place(pull, repo_seen(&object["base"]["repo"]));
        let repo = place.repo.clone();
        if row.number.is_some_and(|number| number != pull.number.get()) {
            let words = "answered with another pull request";
            return Err(self.client.unexpected(&answer.request, words));
        }
        let lacks = row.lacks(&bad);
        let facts = row.facts(pull.number, &repo.name, None);
        let Some(facts) = facts.filter(|_| lacks.is_none()) else {
            // Its reviews and comments are still read.
            let lacks = lacks.unwrap_or_default();
            gaps.reasons
                .push(format!("the pull request itself: {lacks}"));
            validators.pull = None;
            return Ok((place, None));
        };
        let change = change(&row, &facts);
        // If an optional field could not be read, the next poll reads the pull request again.
        validators.pull = answer.validator.filter(|_| bad.is_empty());
        if !bad.is_empty() {
            let bad = bad.join(", ");
            gaps.reasons.push(format!("the pull request itself: {bad}"));
        }
        let meaning = GithubEvent::Pull {
            repo,
            pull: facts,
            action: "poll".to_owned(),
            change,
        };
        Ok((place, Some(meaning)))
    }

    /// See [`issuecommand_core::ports::github::GitHub::merges_base`].
    pub(super) async fn merge_of_base(
        &self,
        question: &HeadQuestion,
    ) -> Result<Option<String>, GithubError> {
        let sha = &question.sha;
        if !sha.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(None);
        }
        let path = format!("repos/{}/commits/{sha}", question.repo);
        let mut url = self.client.at(&path);
        // The answer includes the commit's files; one per page is the minimum.
        url.query_pairs_mut().append_pair("per_page", "1");
        let asked = self.client.get_following(url, None);
        let Ok(answer) = tokio::time::timeout(LOOK_UP, asked).await else {
            return Err(GithubError {
                kind: GithubErrorKind::Unreachable,
                retry_after: None,
                status: None,
                detail: "no answer within two seconds".to_owned(),
            });
        };
        let answer = answer?;
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Ok(None);
        }
        Ok(self
            .client
            .parse::<CommitRow>(&answer)?
            .merges_base(question))
    }

    async fn reviews(
        &self,
        path: &str,
        validator: &mut Option<String>,
        gaps: &mut Gaps,
    ) -> Result<Listed, GithubError> {
        let before = gaps.reasons.len();
        let mut listed = self.listed(path, validator, gaps).await?;
        if let Listed::Rows(rows) = &mut listed {
            let all = rows.len();
            rows.retain(ReviewOrComment::has_state);
            if rows.len() < all {
                gaps.reasons.push("a review without a state".to_owned());
                *validator = None;
            }
        }
        gaps.reviews |= gaps.reasons.len() > before;
        Ok(listed)
    }

    /// All rows of a list, with a conditional request. Replaces the validator of the last poll by that of the next.
    async fn listed(
        &self,
        path: &str,
        validator: &mut Option<String>,
        gaps: &mut Gaps,
    ) -> Result<Listed, GithubError> {
        let mut url = self.client.at(path);
        url.query_pairs_mut().append_pair("per_page", PER_PAGE);
        let first = match self.ask_again(url, validator.as_deref()).await? {
            Fetched::New(answer) => answer,
            Fetched::Unchanged => return Ok(Listed::Unchanged),
        };
        let etag = first.validator.clone();
        let (rows, bad) = self.all_from::<ReviewOrComment>(first).await?;
        // A full first page does not change when the next one grows, so its validator would hide new rows. Pages with
        // unreadable rows are read again too.
        *validator = etag.filter(|_| rows.len() < FULL && bad.is_empty());
        gaps.reasons.extend(bad.into_iter().map(|row| row.reason));
        Ok(Listed::Rows(rows))
    }

    /// Sends a conditional request.
    async fn ask_again(
        &self,
        url: Url,
        validator: Option<&str>,
    ) -> Result<Fetched<Answer>, GithubError> {
        // A pull request never leaves its repository, so a redirect leads to the same one.
        let answer = self.client.get_following(url, validator).await?;
        if answer.unchanged {
            return Ok(Fetched::Unchanged);
        }
        Ok(Fetched::New(answer))
    }
}

/// The reference for reviews and comments. The pull request's own event comes first and has the other fields.
fn place(pull: &LinkedPull, seen: Option<RepoRef>) -> Place {
    Place {
        repo: seen.unwrap_or_else(|| RepoRef {
            name: pull.repo.clone(),
            facts: None,
        }),
        pull: PullRequestRef {
            number: pull.number,
            title: None,
            url: None,
            open: None,
            at: None,
            facts: None,
        },
    }
}

/// The change that the present state shows. A new head is recognised by the head itself.
fn change(row: &PullRow, facts: &PullRequestSnapshot) -> PullChange {
    if facts.merged || facts.open {
        PullChange::Facts
    } else {
        PullChange::Cut(row.closed_at.or(facts.updated_at))
    }
}

impl Place {
    /// A review that requests changes, or that withdraws its author's earlier request.
    fn review(&self, row: ReviewOrComment) -> Option<GithubEvent> {
        if let Some(kind) = row.review_kind() {
            let (source, voice) = row.review(kind);
            return Some(self.said(source, voice));
        }
        let ending = row.verdict()?;
        let (sources, reviewer) = (row.withdrawn(ending), row.login().map(str::to_owned));
        (!sources.is_empty() || reviewer.is_some()).then(|| GithubEvent::Withdrawn {
            repo: self.repo.clone(),
            pull: self.pull.clone(),
            sources,
            ending,
            reviewer,
            at: row.submitted_at,
        })
    }

    fn said(&self, source: FeedbackEvent, voice: Voice) -> GithubEvent {
        GithubEvent::Feedback {
            repo: self.repo.clone(),
            pull: self.pull.clone(),
            source,
            voice,
        }
    }
}
