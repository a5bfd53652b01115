//! Applies GitHub's facts about repositories.

use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use super::effects::Effects;
use crate::domain::claim::Claim;
use crate::domain::id::ClaimId;
use crate::domain::issue::MirroredIssue;
use crate::domain::repo::{Repo, RepoSnapshot};
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;
use crate::engine::change::Change;
use crate::engine::command::{Answer, Missing, Outcome, Reading};
use crate::engine::view::Rows;

impl Context<'_> {
    /// GitHub's id identifies a repository through renames and transfers. A name belongs to the id that GitHub last reported
    /// with it. A repository that loses its name is not offered until GitHub shows it again.
    pub(super) fn record_repos(&self, seen: &[RepoSnapshot], fx: &mut Effects<'_>) -> Outcome {
        let seen = each_once(seen);
        let told: BTreeSet<i64> = seen.iter().map(|facts| facts.github_id).collect();
        let (mut known, mut named) = (BTreeMap::new(), BTreeMap::<&str, Vec<&Repo>>::new());
        for repo in self.view.repos() {
            known.insert(repo.facts.github_id, repo);
            named.entry(repo.facts.name.key()).or_default().push(repo);
        }
        // All repositories have one beginning, so that the older of two issues of one priority is served first, wherever it is. A
        // repository that other news made has its own until it is listed here, since they do not see all repositories.
        let first = self.view.repos().map(|repo| repo.known_at).min();
        let known_at = first.unwrap_or(self.now);
        for facts in seen.iter().copied() {
            let holder = self.view.repo_named(&facts.name);
            // A row that did not come from GitHub has no GitHub id yet.
            let adopted = || holder.filter(|repo| repo.facts.github_id == 0);
            let known = known.get(&facts.github_id).copied().or_else(adopted);
            let offered = !facts.archived;
            let others = named.get(facts.name.key()).into_iter().flatten();
            let others = others.filter(|other| {
                let own = known.is_some_and(|repo| repo.id == other.id);
                !own && !told.contains(&other.facts.github_id)
            });
            for other in others {
                lose_name(other, fx);
            }
            let repo = match known {
                Some(repo)
                    if repo.facts == *facts
                        && repo.offered == offered
                        && !repo.unseen
                        && holder.is_some_and(|holder| holder.id == repo.id) =>
                {
                    continue;
                }
                Some(repo) => Repo {
                    facts: facts.clone(),
                    known_at,
                    offered,
                    unseen: false,
                    ..repo.clone()
                },
                None => Repo::new(fx.next_repo(), facts.clone(), offered, known_at),
            };
            fx.put_name(facts.name.clone(), repo.id);
            fx.put_repo(repo);
        }
        Outcome::Done(Answer::Noted)
    }

    /// Since when a repository is known that this command makes: an issue that is transferred there waits as long as where it was.
    pub(super) fn new_known_at(&self) -> Timestamp {
        let from = self.command.action.transfers_from();
        let from = from.and_then(|name| self.view.repo_named(name));
        from.map_or(self.now, |repo| repo.known_at)
    }

    pub(super) fn record_redirect(
        &self,
        name: &RepoName,
        github_id: i64,
        bind: bool,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let Some(repo) = self.view.repo_on_github(github_id) else {
            return Outcome::Missing(Missing::Repo(name.clone()));
        };
        if self.view.repo_named(name).is_none() {
            fx.put_name(name.clone(), repo.id);
        }
        if bind {
            fx.put_other(Change::Bind(name.clone(), repo.id));
        }
        Outcome::Done(Answer::Noted)
    }

    /// 404 may be a deletion or a lost permission. The issues are not offered, and the claims stay.
    pub(super) fn mark_repo_unavailable(&self, name: &RepoName, fx: &mut Effects<'_>) -> Outcome {
        let known = self.view.repo_named(name);
        if let Some(repo) = known.filter(|repo| repo.offered || repo.unseen) {
            fx.put_repo(Repo {
                offered: false,
                unseen: false,
                ..repo.clone()
            });
        }
        Outcome::Done(Answer::Noted)
    }

    pub(super) fn notify_repo_holder(&self, claim: ClaimId, fx: &mut Effects<'_>) -> Outcome {
        let claim = self.view.claim(claim).filter(|claim| claim.is_active());
        let repo = claim.and_then(|claim| self.view.repos().find(|repo| repo.id == claim.repo));
        if let (Some(claim), Some(repo)) = (claim, repo)
            && claim.is_untold_of(repo.facts.archived)
        {
            let (notice, note) = if repo.facts.archived {
                (Some(Claim::ARCHIVED.to_owned()), Claim::ARCHIVED)
            } else {
                (None, "Its repository can be worked in again")
            };
            let claim = claim.clone();
            self.tell(Claim { notice, ..claim }, note, fx);
        }
        Outcome::Done(Answer::Noted)
    }

    pub(super) fn finish_poll(
        &self,
        name: &RepoName,
        began: Timestamp,
        watermark: Option<Timestamp>,
        etag: Option<&str>,
        reading: Reading,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let Some(repo) = self.view.repo_named(name) else {
            return Outcome::Missing(Missing::Repo(name.clone()));
        };
        let began = began.min(self.now);
        // A poll under a former name does not show that the present name works.
        let offered = if repo.facts.name == *name {
            !repo.facts.archived
        } else {
            repo.offered
        };
        // A watermark in GitHub's future would hide all earlier changes.
        let watermark = watermark.map(|newest| {
            if self.is_ahead(newest) {
                self.on_github(began)
            } else {
                newest
            }
        });
        let known = repo.watermark.filter(|known| !self.is_ahead(*known));
        let newest = watermark.max(known);
        // A validator fits one request. If a later run moved the watermark, the next request differs.
        let etag = etag.filter(|_| newest == watermark);
        let vouched = (!reading.gaps).then_some(began);
        fx.put_repo(Repo {
            offered,
            unseen: false,
            synced_at: repo.synced_at.or(Some(self.now)),
            polled_at: repo.polled_at.max(vouched),
            watermark: newest,
            etag: etag.map(str::to_owned),
            full_at: if reading.full {
                Some(began)
            } else {
                repo.full_at
            },
            ..repo.clone()
        });
        if let Some(began) = vouched {
            self.confirm_open(repo, began, fx);
        }
        Outcome::Done(Answer::Noted)
    }

    /// Ends the withholding of issues that were reported closed before a complete poll began: GitHub had time to say so.
    fn confirm_open(&self, repo: &Repo, began: Timestamp, fx: &mut Effects<'_>) {
        let rows = self.view.issues.rows();
        for row in rows.filter(|row| row.repo == repo.id && row.was_reported_closed(began)) {
            fx.put_issue(MirroredIssue {
                withheld: None,
                ..row.clone()
            });
        }
    }

    /// Compares GitHub's count of open issues with the mirror's.
    pub(super) fn compare_counts(
        &self,
        name: &RepoName,
        gap: i64,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let Some(repo) = self.view.repo_named(name) else {
            return Outcome::Missing(Missing::Repo(name.clone()));
        };
        let counts = repo.counts.compared(gap);
        if counts != repo.counts {
            let repo = repo.clone();
            fx.put_repo(Repo { counts, ..repo });
        }
        Outcome::Done(Answer::Noted)
    }
}

/// Removes the name of a repository, because another one has it now.
fn lose_name(repo: &Repo, fx: &mut Effects<'_>) {
    let name = RepoName::unnamed(repo.id);
    fx.put_name(name.clone(), repo.id);
    let mut repo = repo.clone();
    (repo.facts.name, repo.offered, repo.unseen) = (name, false, false);
    // The next read of its list is a different request.
    repo.etag = None;
    fx.put_repo(repo);
}

/// The last entry for each id and each name. A list read during a rename or transfer can contain an id or a name twice.
fn each_once(seen: &[RepoSnapshot]) -> Vec<&RepoSnapshot> {
    let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
    let mut kept: Vec<&RepoSnapshot> = Vec::new();
    for facts in seen.iter().rev() {
        let (new_id, new_name) = (ids.insert(facts.github_id), names.insert(facts.name.key()));
        if new_id && new_name {
            kept.push(facts);
        }
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(github_id: i64, name: u8) -> RepoSnapshot {
        RepoSnapshot {
            github_id,
            name: RepoName::new("acme", &format!("r{name}")).unwrap(),
            url: String::new(),
            description: None,
            private: false,
            archived: false,
            open_count: 0,
        }
    }

    /// The reference: each entry replaces the earlier ones with its id or name.
    fn one_by_one(seen: &[RepoSnapshot]) -> Vec<&RepoSnapshot> {
        let mut kept: Vec<&RepoSnapshot> = Vec::new();
        for facts in seen {
            kept.retain(|other| other.github_id != facts.github_id && other.name != facts.name);
            kept.push(facts);
        }
        kept
    }

    #[test]
    fn the_last_row_of_a_contradictory_list_wins() {
        let choices: Vec<RepoSnapshot> = (0..9).map(|n| facts(i64::from(n / 3), n % 3)).collect();
        for n in 0..9_usize.pow(5) {
            let digits = [1, 9, 81, 729, 6561].map(|power| choices[n / power % 9].clone());
            assert_eq!(each_once(&digits), one_by_one(&digits));
        }
    }
}
