//! Warnings for the operator, shown in health and logged once.

use std::collections::{BTreeMap, BTreeSet};

use super::Service;
use super::database::is_operators;
use crate::domain::access::{Caller, Scope};
use crate::domain::repo_name::RepoName;
use crate::domain::repo_policy::RepoPolicy;
use crate::domain::time::{MAX_STEP_BACK, Millis, Step, Timestamp};
use crate::ports::store::StoreCondition;

/// The most repositories remembered as invisible; at this size all are forgotten and requested again.
const REMEMBERED: usize = 1000;

/// The problems that this process has found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Repositories that deliveries named and GitHub does not show, by lower-case name, with GitHub's answer.
    pub(super) unseen: BTreeMap<String, Unseen>,
    /// Repositories whose list of issues GitHub refuses, by lower-case name, with its answer.
    pub(super) unreadable: BTreeMap<String, Unseen>,
    /// The time of the last failed request for a repository known only from deliveries, by lower-case name.
    pub(super) unreached: BTreeMap<String, Timestamp>,
    /// Why the repositories cannot be listed.
    pub(super) unlistable: Option<String>,
    /// Repositories of which GitHub refuses to show the file with their policy, and of which no policy is known.
    pub(super) policies_refused: BTreeSet<RepoName>,
    /// Warnings that have been logged.
    logged: BTreeSet<String>,
}

/// A repository that GitHub does not show, or whose issues it refuses.
#[derive(Clone, Debug)]
pub(super) struct Unseen {
    pub(super) name: RepoName,
    pub(super) status: u16,
    /// The id in the delivery; `None` if it gave only the name.
    pub(super) github_id: Option<i64>,
    /// When GitHub refused.
    pub(super) at: Timestamp,
}

impl Service {
    pub(super) fn findings(&self) -> std::sync::MutexGuard<'_, Findings> {
        let findings = self.findings.lock();
        findings.unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) fn remember_unseen(&self, unseen: Unseen) {
        let mut findings = self.findings();
        if findings.unseen.len() >= REMEMBERED {
            findings.unseen.clear();
        }
        findings.unseen.insert(unseen.name.key().to_owned(), unseen);
    }

    /// Forgets the problems of repositories that GitHub shows now.
    pub(super) fn forget_unseen<'a>(&self, shown: impl Iterator<Item = &'a RepoName>) {
        let mut findings = self.findings();
        if findings.unseen.is_empty() && findings.unreached.is_empty() {
            return;
        }
        for name in shown {
            findings.unseen.remove(name.key());
            findings.unreached.remove(name.key());
        }
    }

    /// The present warnings for the operator.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.found();
        warnings.extend(self.standing.all());
        warnings
    }

    /// The part of [`Service::warnings`] that this caller may see.
    pub(super) fn warnings_for(&self, caller: &Caller, condition: &StoreCondition) -> Vec<String> {
        let mut warnings = match self.sight(caller) {
            // Standing warnings name files.
            Scope::All if !is_operators(caller) => self.found(),
            Scope::All => self.warnings(),
            // Warnings name repositories.
            Scope::Only(_) => Vec::new(),
        };
        warnings.extend(condition.unwritable.map(|why| {
            format!(
                "The database cannot be written to: {why}. What only reads is answered, all else is refused until it can"
            )
        }));
        warnings.extend(self.clock_warnings(condition));
        warnings
    }

    /// Warnings about a step of the clock, for an hour after it.
    pub fn clock_warnings(&self, condition: &StoreCondition) -> Vec<String> {
        let now = self.clock.now();
        let recent = |step: &Step| now <= step.to.plus(Millis::minutes(60)) && step.to <= now;
        let mut warnings = Vec::new();
        if let Some(step) = condition.steps.back.filter(recent) {
            let seconds = -step.length().0 / 1000;
            warnings.push(format!(
                "The clock went back by {seconds} s to {}: it was wrong before or is wrong now. Look whether the machine's time is \
                 right; what was dated later was corrected",
                step.to
            ));
        }
        if let Some(step) = condition.steps.forward.filter(recent) {
            let seconds = step.length().0 / 1000;
            warnings.push(format!(
                "The clock jumped forward by {seconds} s to {}, or nothing ran meanwhile: that counts as nobody's silence",
                step.to
            ));
        }
        if now.plus(MAX_STEP_BACK) < condition.last {
            warnings.push(format!(
                "The clock stands behind {}, the last moment that was written to the database: it was wrong then or is wrong now",
                condition.last
            ));
        }
        warnings
    }

    fn found(&self) -> Vec<String> {
        let mut warnings = self.renamed_warnings();
        let findings = self.findings();
        warnings.extend(findings.unlistable.clone());
        warnings.extend(findings.unreadable.values().map(Unseen::words));
        warnings.extend(policies_refused(&findings.policies_refused));
        warnings.extend(findings.unseen.values().map(|unseen| {
            let (name, status) = (&unseen.name, unseen.status);
            format!(
                "Deliveries come for {name}, which the credential cannot see (GitHub answers {status}): nothing of it is \
                 offered. Give the credential access to it, or leave it out of the webhook"
            )
        }));
        warnings
    }

    /// The part of [`Service::warnings`] that this method has not returned before, for the log. Without the standing ones,
    /// which are logged where they are set.
    pub fn new_warnings(&self) -> Vec<String> {
        let warnings = self.found();
        let mut findings = self.findings();
        let new = warnings
            .iter()
            .filter(|words| !findings.logged.contains(*words));
        let new: Vec<String> = new.cloned().collect();
        // A warning that has ended is logged again when it returns.
        findings.logged = warnings.into_iter().collect();
        new
    }
}

/// One warning about all repositories of which the file is refused.
fn policies_refused(repos: &BTreeSet<RepoName>) -> Option<String> {
    let first = repos.first()?;
    let others = match repos.len() - 1 {
        0 => String::new(),
        others => format!(" and {others} more"),
    };
    Some(format!(
        "GitHub refuses to show {} of {first}{others}: policies of their own are not followed there. Give the credential the \
         permission Contents: read",
        RepoPolicy::PATH
    ))
}
