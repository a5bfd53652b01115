//! Random results of syncs.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::event::SyncStats;
use issuecommand_core::domain::id::RepoId;
use issuecommand_core::domain::issue::{IssueLookup, WithheldReason};
use issuecommand_core::domain::pull_request::ListedPull;
use issuecommand_core::domain::sync::{SyncFault, SyncRun};
use issuecommand_core::engine::command::{Action, CandidateChecks};
use issuecommand_testkit::builders::number;

use super::History;

impl History {
    pub(super) fn listed_pull(&mut self) -> ListedPull {
        ListedPull {
            number: number(i64::try_from(self.below(9)).unwrap() + 1),
            open: self.one_in(2),
        }
    }

    pub(super) fn finished_sync(&mut self) -> Action {
        let fault = |history: &mut Self| {
            let repo = (!history.one_in(4)).then(|| history.repo());
            let number = repo
                .as_ref()
                .and_then(|_| history.one_in(2).then(|| number(7)));
            let reason = history.text().unwrap_or_default();
            SyncFault::new(repo.as_ref(), number, &reason.replace('\0', " "))
        };
        let run = SyncRun {
            scope: if self.one_in(4) {
                Scope::Only([self.repo()].into())
            } else {
                Scope::All
            },
            read: self.one_in(2),
            faults: (0..self.below(4)).map(|_| fault(self)).collect(),
        };
        let tally = SyncStats {
            repos_scanned: 3,
            ..SyncStats::default()
        };
        let run = Box::new(run);
        Action::FinishSync { tally, run }
    }

    pub(super) fn checks(&mut self) -> CandidateChecks {
        let busy = (0..self.below(3)).map(|_| {
            let repo = RepoId(i64::try_from(self.below(4)).unwrap() + 1);
            (repo, number(i64::try_from(self.below(9)).unwrap() + 1))
        });
        let busy = busy.collect();
        let unreachable = !self.one_in(4);
        CandidateChecks { unreachable, busy }
    }

    pub(super) fn seen(&mut self) -> Action {
        let facts = self.issue();
        let number = facts.number;
        let seen = match self.below(7) {
            0 => IssueLookup::Unchanged,
            1 => IssueLookup::PullRequest,
            2 => IssueLookup::Withheld(self.of(&[
                WithheldReason::NotFound,
                WithheldReason::Gone,
                WithheldReason::Moved,
            ])),
            _ => IssueLookup::Issue {
                issue: Box::new(facts),
                etag: self.text(),
            },
        };
        Action::RecordIssue {
            repo: self.repo(),
            number,
            seen,
        }
    }
}
