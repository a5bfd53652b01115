//! Whether an issue's author is trusted, or somebody approved of the issue.

use super::super::Context;
use super::first_label;
use crate::domain::issue::{Issue, MirroredIssue};
use crate::domain::standing::{Approval, Trust};
use crate::engine::command::Action;
use crate::engine::view::Rows;

impl Context<'_> {
    /// Whether an issue may be trusted, as it is now. `before`: as it was judged last.
    pub(super) fn trust(&self, issue: &MirroredIssue, before: Trust) -> Trust {
        let policy = &self.policy.readiness;
        let repo = self.view.repo(issue.repo);
        let private = repo.is_some_and(|repo| repo.facts.private);
        if !policy.authors.need_write(private) {
            return Trust::default();
        }
        let login = issue
            .facts
            .author
            .as_ref()
            .map(|login| login.to_lowercase());
        let key = login.map(|login| (issue.repo_name.key().to_owned(), login));
        let asked = key.and_then(|key| self.view.tables.writers.get(&key));
        let is_owner = issue.facts.more.author_association.as_deref() == Some("OWNER");
        let told = self.told_right(issue).or(asked.map(|writer| writer.may));
        let stranger = match told {
            Some(may) => !may,
            None if is_owner => false,
            None => {
                let is_new = self.view.tables.standings.get(&issue.key()).is_none();
                is_new || before.stranger || self.loads_author_of(issue)
            }
        };
        Trust {
            stranger,
            approval: self.approval(issue, before.approval),
        }
    }

    /// What the command itself says of the author.
    fn told_right(&self, issue: &MirroredIssue) -> Option<bool> {
        let Action::RecordWriters { repo, rights } = &self.command.action else {
            return None;
        };
        let author = issue.facts.author.as_deref()?;
        let mut rights = rights.iter().filter(|_| *repo == issue.repo_name);
        let told = rights.find(|(login, _)| login.eq_ignore_ascii_case(author));
        told.map(|(_, may)| *may)
    }

    /// An edit voids a label of approval until it was taken away and put back, because what was approved is not there any more.
    fn approval(&self, issue: &MirroredIssue, before: Approval) -> Approval {
        let labels = &self.policy.readiness.approve_labels;
        if first_label(&issue.facts, labels).is_none() {
            return Approval::None;
        }
        let row = self.view.issue(issue.key());
        let edited = row.is_some_and(|row| {
            (&row.facts.title, &row.facts.body) != (&issue.facts.title, &issue.facts.body)
        });
        if edited || before == Approval::Void {
            Approval::Void
        } else {
            Approval::Given
        }
    }

    /// Whether the command loads what GitHub said of this issue's author, so that one of whom it loaded nothing was not asked
    /// about. It loads the authors of the issues that its message brings, in their own repository.
    fn loads_author_of(&self, issue: &MirroredIssue) -> bool {
        let is_by = |told: &Issue| {
            let (told, author) = (told.author.as_deref(), issue.facts.author.as_deref());
            told.is_some_and(|told| author.is_some_and(|author| author.eq_ignore_ascii_case(told)))
        };
        let action = &self.command.action;
        let mut told = action.told_issues().into_iter();
        matches!(action, Action::Rerank(_))
            || told.any(|(repo, told)| *repo == issue.repo_name && is_by(told))
    }
}
