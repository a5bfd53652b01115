//! Real histories with the default settings of readiness: how many issues are withheld for which reason, and what of it people
//! worked on all the same.

use std::collections::{BTreeMap, BTreeSet};

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::closing_keywords::closed_by;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::readiness::{NotReady, ReasonCode};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::command::{Action, Answer, Command, Outcome};
use issuecommand_github_emulator::archive::{Archive, Event, EventKind};
use issuecommand_testkit::builders::{number, repo};

use crate::world::{Http, Setup, StoreKind};

/// What readiness made of a history.
#[derive(Debug, Default)]
pub(super) struct Withheld {
    issues: BTreeSet<i64>,
    /// The issues that had each reason for more than a minute.
    ever: BTreeMap<ReasonCode, BTreeSet<i64>>,
    /// The issues of which a pull request was opened that closes them.
    worked_on: BTreeSet<i64>,
    /// The pull request, its author, and what stood against the issue just before it was opened, if anything did.
    against: BTreeMap<(i64, u64), (String, Vec<NotReady>)>,
}

/// The figures of a history, as `docs/readiness.md` has them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) issues: usize,
    pub(super) assigned: usize,
    pub(super) has_open_pr: usize,
    pub(super) merged_pr: usize,
    pub(super) worked_on: usize,
    /// Nothing ever stood against them just before a pull request.
    pub(super) ready: usize,
    /// Assigned to the author of the pull request, who was at work as the assignment says.
    pub(super) by_assignee: usize,
    /// All others: issue and pull request.
    pub(super) wrongly: Vec<(i64, u64)>,
}

impl Withheld {
    /// Plays a history by deliveries, without agents.
    pub(super) async fn in_history(kind: StoreKind, archive: &Archive) -> Self {
        let first = archive.events()[0].at.as_second();
        let before = jiff::Timestamp::from_second(first - 60).unwrap();
        let mut world = archive.world_at(before);
        world.record_deliveries();
        let setup = Setup::with(kind, world, Policy::default(), Scope::All).await;
        setup.clock.set(Timestamp(before.as_millisecond()));
        assert_eq!(setup.sync().await.failed, []);
        let http = Http::serving(&setup).await;
        let mut found = Self::default();
        for (n, event) in archive.events().iter().enumerate() {
            found.before(&setup, archive, event).await;
            setup.clock.set(Timestamp(event.at.as_millisecond()));
            assert!(setup.github.world(|world| archive.apply(event, world)));
            for delivery in setup.github.deliveries() {
                assert_eq!(http.deliver(&delivery).await.status, 202, "{delivery:?}");
            }
            if let EventKind::IssueOpened(_) = event.what {
                found.issues.insert(i64::try_from(event.number).unwrap());
            }
            let next = archive.events().get(n + 1);
            if next.is_none_or(|next| next.at.as_second() > event.at.as_second() + 60) {
                found.look(&setup, archive).await;
            }
        }
        found
    }

    /// A pull request is about to be opened: its author works on the issues that it closes.
    async fn before(&mut self, setup: &Setup, archive: &Archive, event: &Event) {
        let EventKind::PullOpened(pull) = &event.what else {
            return;
        };
        let (home, text) = (repo(archive.repo()), pull.issue.body.as_deref());
        for (name, n) in closed_by(text.unwrap_or_default(), &home, "github.com") {
            let n = n.get();
            if name != home || !self.issues.contains(&n) {
                continue;
            }
            let reasons = reasons(setup, archive, n).await;
            if reasons.contains(&NotReady::Closed) {
                continue;
            }
            self.worked_on.insert(n);
            if !reasons.is_empty() {
                let author = pull.issue.author.clone().unwrap_or_default();
                self.against.insert((n, event.number), (author, reasons));
            }
        }
    }

    async fn look(&mut self, setup: &Setup, archive: &Archive) {
        let unready = setup.store.unready_issues(&repo(archive.repo())).await;
        for (row, reasons) in unready.unwrap() {
            for code in reasons.iter() {
                let of_it = self.ever.entry(code).or_default();
                of_it.insert(row.facts.number.get());
            }
        }
    }

    pub(super) fn figures(&self) -> Figures {
        let ever = |code| self.ever.get(&code).map_or(0, BTreeSet::len);
        let mut figures = Figures {
            issues: self.issues.len(),
            assigned: ever(ReasonCode::Assigned),
            has_open_pr: ever(ReasonCode::HasOpenPr),
            merged_pr: ever(ReasonCode::MergedPr),
            worked_on: self.worked_on.len(),
            ready: 0,
            by_assignee: 0,
            wrongly: Vec::new(),
        };
        let mut by_assignee = BTreeSet::new();
        for (key, (author, reasons)) in &self.against {
            let is_theirs = |why: &NotReady| match why {
                NotReady::Assigned { people } => people.contains(author),
                _ => false,
            };
            if reasons.iter().all(is_theirs) {
                by_assignee.insert(key.0);
            } else {
                figures.wrongly.push(*key);
            }
        }
        let against: BTreeSet<i64> = self.against.keys().map(|(n, _)| *n).collect();
        figures.ready = self.worked_on.difference(&against).count();
        figures.by_assignee = by_assignee.len();
        figures
    }
}

async fn reasons(setup: &Setup, archive: &Archive, n: i64) -> Vec<NotReady> {
    let (repo, number) = (repo(archive.repo()), number(n));
    let command = Command::system(Action::AskReadiness { repo, number });
    match setup.store.transact(command).await.unwrap() {
        Outcome::Done(Answer::Readiness { reasons, .. }) => reasons,
        other => panic!("{other:?}"),
    }
}
