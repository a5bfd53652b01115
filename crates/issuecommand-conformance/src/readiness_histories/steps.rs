//! What happens on GitHub and by people's hands in a history, told to the store and to the model.

use std::collections::BTreeSet;

use issuecommand_core::domain::halt::HaltKind;
use issuecommand_core::domain::issue::{IssueLookup, RelatedIssue, RelationCount, WithheldReason};
use issuecommand_core::domain::webhook::{GithubEvent, Voice};
use issuecommand_core::engine::command::{Action, Command, HaltTarget, SeenEdges};
use issuecommand_testkit::builders::{
    dependency, facts, hear, local, mark_repo_unavailable, minute, number, place, pull,
    record_issue, record_issues, record_repos, related, repo, sub_issue, told,
};

use super::Game;
use super::model::{Draft, Item};

/// Issues with higher numbers are never opened; those up to here may be waited for before they are.
const ISSUES: i64 = 10;
const LABELS: [&[&str]; 7] = [
    &[],
    &["bug"],
    &["bug", "P0"],
    &["priority: low", "bug"],
    &["no-agent"],
    &["agent-ok", "bug"],
    &["P1"],
];

impl Game {
    /// One thing happens. Returns its name.
    pub(super) async fn step(&mut self) -> &'static str {
        let minutes = if self.random.one_in(9) {
            50
        } else {
            1 + self.random.below(4)
        };
        self.world.pass(minutes);
        let n = self.some();
        // Nothing is given in these times, so that they are short.
        if (self.model.paused || self.model.unseen) && self.random.one_in(3) {
            return if self.model.paused {
                self.halt().await
            } else {
                self.hide_repo().await
            };
        }
        match self.random.below(40) {
            0 => self.change(n, |item| item.open = false).await,
            1..=3 => self.change(n, |item| item.open = true).await,
            4..=6 => {
                let labels = self.random.of(&LABELS).to_vec();
                self.change(n, |item| item.labels = labels).await
            }
            7 => {
                let who: [&[&str]; 3] = [&[], &["kim"], &["dependabot[bot]"]];
                let who = self.random.of(&who).to_vec();
                self.change(n, |item| item.assignees = who).await
            }
            8 => self.change(n, |item| item.body += 1).await,
            9 => self.relate(true).await,
            10..=12 => self.relate(false).await,
            13 | 14 => self.list_blockers(n).await,
            15 | 16 => self.pull(n).await,
            17..=24 => self.next().await,
            25 => self.claim(n).await,
            26..=32 => self.work().await,
            33 => self.by_hand(n).await,
            34 => self.comment(n).await,
            35 => self.halt().await,
            36 => self.hide(n).await,
            37 => {
                self.model.eve_writes = !self.model.eve_writes;
                self.set_rights("eve", self.model.eve_writes).await
            }
            38 => {
                let new = i64::try_from(self.model.items.len()).unwrap_or(0) + 1;
                if new <= ISSUES {
                    self.open(new).await;
                }
                "opened"
            }
            _ => self.sweep().await,
        }
    }

    /// An issue that is known.
    fn some(&mut self) -> i64 {
        let known = i64::try_from(self.model.items.len()).unwrap_or(1);
        1 + self.random.below(known)
    }

    pub(super) async fn open(&mut self, n: i64) {
        let labels = self.random.of(&LABELS).to_vec();
        self.model.open(n, labels, self.now());
        let told = record_issues(&self.name, [self.model.facts(n)]);
        self.world.note(told).await;
    }

    /// A person changes an issue; a list or a delivery tells of it.
    async fn change(&mut self, n: i64, change: impl FnOnce(&mut Item)) -> &'static str {
        self.model.change(n, self.now(), change);
        let facts = self.model.facts(n);
        if self.random.one_in(2) {
            self.hear(told(&self.name, facts, "edited")).await;
        } else {
            self.world.note(record_issues(&self.name, [facts])).await;
        }
        self.learn_claims().await;
        "changed"
    }

    async fn hear(&mut self, event: GithubEvent) {
        self.world.note(hear(event)).await;
    }

    pub(super) async fn set_rights(&mut self, login: &str, may: bool) -> &'static str {
        let action = Action::RecordWriters {
            repo: repo(&self.name),
            rights: vec![(login.to_owned(), may)],
        };
        self.world.note(Command::system(action)).await;
        "rights"
    }

    fn related(&self, n: i64) -> RelatedIssue {
        let open = self.model.items.get(&n).is_none_or(|item| item.open);
        related(&self.name, n, Some(open))
    }

    /// A blocker or a sub-issue comes or goes.
    async fn relate(&mut self, added: bool) -> &'static str {
        let is_child = self.random.one_in(2);
        let some = (1 + self.random.below(ISSUES), 1 + self.random.below(ISSUES));
        let edges = if is_child {
            &mut self.model.children
        } else {
            &mut self.model.blockers
        };
        let known: Vec<_> = edges.iter().copied().collect();
        let (of, to) = if added || known.is_empty() {
            some
        } else {
            self.random.of(&known)
        };
        if of == to {
            return "nothing";
        }
        if added {
            edges.insert((of, to));
        } else {
            edges.remove(&(of, to));
        }
        let (one, other) = (self.related(of), self.related(to));
        let event = if is_child {
            sub_issue(&self.name, one, other, added)
        } else {
            dependency(&self.name, one, other, added)
        };
        self.hear(event).await;
        "related"
    }

    /// GitHub lists all blockers of an issue, and may say that there are more.
    async fn list_blockers(&mut self, n: i64) -> &'static str {
        let hidden = u32::from(self.random.one_in(4));
        let ends = (0..self.random.below(2)).map(|_| 1 + self.random.below(ISSUES));
        let ends: BTreeSet<i64> = ends.filter(|end| *end != n).collect();
        self.model.blockers.retain(|(of, _)| *of != n);
        self.model.blockers.extend(ends.iter().map(|to| (n, *to)));
        let ends: Vec<_> = ends.iter().map(|to| self.related(*to)).collect();
        let open = ends.iter().filter(|end| end.open == Some(true)).count();
        let open = u32::try_from(open).unwrap_or(0) + hidden;
        let action = Action::RecordEdges {
            repo: repo(&self.name),
            number: number(n),
            seen: Box::new(SeenEdges {
                blockers: Some(ends),
                children: None,
                blocker_count: Some(RelationCount { open, total: open }),
                child_count: None,
            }),
        };
        self.world.note(Command::system(action)).await;
        if let Some(item) = self.model.items.get_mut(&n).filter(|item| item.open) {
            item.hidden = hidden;
        }
        "listed"
    }

    /// A pull request is opened, reworded, closed, reopened or merged.
    async fn pull(&mut self, n: i64) -> &'static str {
        let known = i64::try_from(self.model.pulls.len()).unwrap_or(0);
        let at = self.random.below(known + 1);
        let place = usize::try_from(at).unwrap_or(0);
        let end = self.random.below(5);
        if at == known {
            self.model.pulls.push(Draft::default());
        }
        let row = &mut self.model.pulls[place];
        let was_open = row.open;
        if row.merged {
            return "nothing";
        }
        if at == known || (was_open && end == 0) {
            row.closes = BTreeSet::from([n, 1 + n % 2]);
        }
        row.merged = was_open && end == 1;
        row.open = !was_open || end == 0;
        let (merged, numbers) = (row.merged, row.closes.clone());
        let closes = numbers.iter().map(|of| (self.name.as_str(), *of));
        let closes: Vec<(&str, i64)> = closes.collect();
        let moment = (self.now().0 - minute(0).0) / 60_000;
        let told = pull(&self.name, 100 + at).created(-1_000);
        let told = told.at(moment).closes(&closes);
        let event = match (was_open, end) {
            (true, 1) => told.ended_by_merge(),
            (true, 0) => told.reworded(&closes).edited(),
            (true, _) => told.ended_unmerged(),
            (false, _) if at == known => told.opened(),
            (false, _) => told.reopened(),
        };
        for of in numbers.iter().filter(|_| merged) {
            if let Some(item) = self.model.items.get_mut(of).filter(|item| item.open) {
                item.merged = true;
            }
        }
        self.hear(event).await;
        "pull"
    }

    /// A person parks an issue or offers it again.
    async fn by_hand(&mut self, n: i64) -> &'static str {
        let now = self.now();
        let Some(item) = self.model.items.get_mut(&n).filter(|item| item.open) else {
            return "nothing";
        };
        let (repo, number) = (repo(&self.name), number(n));
        let action = if item.parked {
            item.offer(now);
            Action::OfferIssue {
                repo,
                number,
                note: None,
            }
        } else {
            item.parked = true;
            let note = "not now".to_owned();
            Action::ParkIssue { repo, number, note }
        };
        self.world.note(Command::new(&local(), action)).await;
        "by hand"
    }

    /// The comment of a person ends a park; where only those who may write are trusted, of one of them.
    async fn comment(&mut self, n: i64) -> &'static str {
        let (now, trusted) = (self.now(), n % 3 != 0);
        let heard = trusted || !self.model.policy.readiness.authors.need_write(false);
        if let Some(item) = self.model.items.get_mut(&n)
            && item.parked
            && heard
        {
            item.offer(now);
        }
        let said = GithubEvent::IssueComment {
            repo: place(&self.name),
            number: number(n),
            author: Some("kim".to_owned()),
            voice: Voice {
                trusted,
                ..Voice::default()
            },
            at: None,
            action: "created".to_owned(),
        };
        self.hear(said).await;
        "comment"
    }

    /// A person halts the work in the repository, or has it go on.
    async fn halt(&mut self) -> &'static str {
        self.model.paused = !self.model.paused;
        let action = Action::SetHalt {
            target: HaltTarget::Repo(repo(&self.name)),
            kind: self.model.paused.then_some(HaltKind::Paused),
            note: None,
        };
        self.world.note(Command::new(&local(), action)).await;
        "halt"
    }

    /// GitHub does not show an issue or the whole repository.
    async fn hide(&mut self, n: i64) -> &'static str {
        if self.random.one_in(2) {
            let seen = IssueLookup::Withheld(WithheldReason::NotFound);
            self.world.note(record_issue(&self.name, n, seen)).await;
            if let Some(item) = self.model.items.get_mut(&n) {
                item.withheld = true;
            }
            return "issue hidden";
        }
        self.hide_repo().await
    }

    /// GitHub does not show the repository any more, or shows it again.
    async fn hide_repo(&mut self) -> &'static str {
        self.model.unseen = !self.model.unseen;
        let command = if self.model.unseen {
            mark_repo_unavailable(&self.name)
        } else {
            record_repos(&[facts(&self.name)])
        };
        self.world.note(command).await;
        "repository hidden"
    }
}
