//! What GitHub says of repositories.

use super::Context;
use super::effects::Effects;
use crate::change::Change;
use crate::command::{Answer, Missing, Outcome, Reading};
use crate::repo::{Repo, RepoFacts, RepoName};
use crate::time::Timestamp;
use crate::view::Rows;

impl Context<'_> {
    /// A repository keeps its number through renames and transfers, by GitHub's id. A new one that took an old name is
    /// another repository, and has the name from now on; the one that had it cannot be reached by it any more, and
    /// is not offered until GitHub shows it again.
    pub(super) fn see_repos(&self, seen: &[RepoFacts], fx: &mut Effects<'_>) -> Outcome {
        let seen = each_once(seen);
        for facts in seen.iter().copied() {
            let known = self.view.repo_on_github(facts.github_id);
            // A row that came from elsewhere than GitHub has no id of GitHub's yet.
            let adopted = || {
                self.view
                    .repo_named(&facts.name)
                    .filter(|repo| repo.facts.github_id == 0)
            };
            let offered = !facts.archived;
            let holder = self.view.repo_named(&facts.name);
            let repo = match known.or_else(adopted) {
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
                    offered,
                    unseen: false,
                    ..repo.clone()
                },
                None => Repo::new(fx.next_repo(), facts.clone(), offered),
            };
            let displaced = holder.filter(|other| {
                other.id != repo.id
                    && other.offered
                    && other.facts.name == facts.name
                    && !seen.iter().any(|f| f.github_id == other.facts.github_id)
            });
            if let Some(other) = displaced {
                fx.put_repo(Repo {
                    offered: false,
                    unseen: false,
                    ..other.clone()
                });
            }
            fx.put_name(facts.name.clone(), repo.id);
            fx.put_repo(repo);
        }
        Outcome::Done(Answer::Noted)
    }

    pub(super) fn name_led_to(
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

    /// 404 may be a deletion or a lost permission: its issues cannot be worked on from here, and its claims stay.
    pub(super) fn lose_repo(&self, name: &RepoName, fx: &mut Effects<'_>) -> Outcome {
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
        // Under a former name that says nothing of whether it can still be reached by its present one.
        let offered = if repo.facts.name == *name {
            !repo.facts.archived
        } else {
            repo.offered
        };
        let newest = watermark.max(repo.watermark);
        // A validator is good for one request; a run that overtook this one moved on to another.
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
            fx.put_other(Change::Trust(repo.id, began));
        }
        Outcome::Done(Answer::Noted)
    }

    /// GitHub's own count of open issues against the mirror's.
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

/// A repository can stand in a list twice, under a former name, and a name twice, where it changed hands while the list was
/// read: the last one counts.
fn each_once(seen: &[RepoFacts]) -> Vec<&RepoFacts> {
    let mut kept: Vec<&RepoFacts> = Vec::new();
    for facts in seen {
        kept.retain(|other| other.github_id != facts.github_id && other.name != facts.name);
        kept.push(facts);
    }
    kept
}
