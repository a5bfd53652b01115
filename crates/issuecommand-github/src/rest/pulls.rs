//! Polls one pull request for updates, in place of webhooks.

mod lists;
mod merges;
mod open;

use std::collections::{BTreeMap, BTreeSet};

use issuecommand_core::domain::failure::GithubError;
use issuecommand_core::domain::followup::{FeedbackEvent, Resolution, SourceId};
use issuecommand_core::domain::pull_request::{LinkedPull, PullRequestSnapshot, PullValidators};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::{GithubEvent, PullChange, PullRequestRef, RepoRef, Voice};
use issuecommand_core::ports::github::{Fetched, PullRequestUpdates, UnreadableRow};
use reqwest::StatusCode;
use serde_json::Value;

use self::lists::{Gaps, Listed};
use super::Rest;
use crate::api_types::pulls::{PullRow, ReviewOrComment, repo_seen};

/// The fields that all events of one poll share.
struct Place {
    repo: RepoRef,
    pull: PullRequestRef,
}

impl Rest {
    pub(super) async fn news_of(
        &self,
        pull: &LinkedPull,
    ) -> Result<PullRequestUpdates, GithubError> {
        let mut validators = pull.validators.clone();
        let mut gaps = Gaps::default();
        let (place, itself) = self.itself(pull, &mut validators, &mut gaps).await?;
        let below = |path: String| self.client.of_repo(&pull.repo, &path);
        let reviews = below(format!("pulls/{}/reviews", pull.number));
        let lines = below(format!("pulls/{}/comments", pull.number));
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
        let under = below(format!("issues/{}/comments", pull.number));
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
            let comment = (self.client).of_repo(&pull.repo, &format!("{path}/comments/{id}"));
            let answer = self.client.get_following(comment, None).await?;
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
        let itself = (self.client).of_repo(&pull.repo, &format!("pulls/{}", pull.number));
        let answer = match self.ask_again(itself, validators.pull.as_deref()).await? {
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
}

/// The reference for reviews and comments. The pull request's own event comes first and has the other fields.
fn place(pull: &LinkedPull, seen: Option<RepoRef>) -> Place {
    Place {
        repo: seen.unwrap_or_else(|| repo_named(&pull.repo)),
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

/// A repository of which only the name is known.
fn repo_named(name: &RepoName) -> RepoRef {
    RepoRef {
        name: name.clone(),
        facts: None,
    }
}

/// The change that the present state shows. A new head is recognised by the head itself.
fn change(row: &PullRow, facts: &PullRequestSnapshot) -> PullChange {
    if facts.merged || facts.open {
        PullChange::Facts
    } else {
        PullChange::ClosedOrReopened(row.closed_at.or(facts.updated_at))
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
