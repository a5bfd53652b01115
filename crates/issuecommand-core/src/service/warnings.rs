//! What an operator should look at, in words: for health, and for the log once.

use std::collections::{BTreeMap, BTreeSet};

use super::Service;
use super::database::is_operators;
use crate::domain::access::{Caller, Scope};
use crate::domain::repo_name::RepoName;
use crate::domain::time::{MAX_STEP_BACK, Millis, Step, Timestamp};
use crate::ports::store::StoreCondition;

/// How many repositories are remembered as invisible. More are asked about again.
const REMEMBERED: usize = 1000;

/// What this process has found and tells on.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Repositories that deliveries named and GitHub does not show, by name key, with GitHub's answer.
    pub(super) unseen: BTreeMap<String, Unseen>,
    /// Repositories whose list of issues GitHub refuses, by name key, with its answer.
    pub(super) unreadable: BTreeMap<String, Unseen>,
    /// When GitHub was last asked in vain for a repository that only deliveries tell of, by name key.
    pub(super) unreached: BTreeMap<String, Timestamp>,
    /// Why the repositories cannot be listed.
    pub(super) unlistable: Option<String>,
    /// Warnings that were in the log.
    logged: BTreeSet<String>,
}

/// A repository that GitHub does not show, or something of it.
#[derive(Clone, Debug)]
pub(super) struct Unseen {
    pub(super) name: RepoName,
    pub(super) status: u16,
    /// The id that a delivery gave with the name; `None` where it gave the name alone.
    pub(super) github_id: Option<i64>,
    /// When GitHub said so.
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

    /// GitHub shows these repositories.
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

    /// What the operator should look at now, in words.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.found();
        warnings.extend(self.standing.all());
        warnings
    }

    /// Those of [`Service::warnings`] that this caller may know of.
    pub(super) fn warnings_for(&self, caller: &Caller, condition: &StoreCondition) -> Vec<String> {
        let mut warnings = match self.sight(caller) {
            // The standing ones name files.
            Scope::All if !is_operators(caller) => self.found(),
            Scope::All => self.warnings(),
            // They name repositories.
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

    /// That the clock was set, for an hour after it was, in words.
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
        warnings.extend(findings.unseen.values().map(|unseen| {
            let (name, status) = (&unseen.name, unseen.status);
            format!(
                "Deliveries come for {name}, which the credential cannot see (GitHub answers {status}): nothing of it is \
                 offered. Give the credential access to it, or leave it out of the webhook"
            )
        }));
        warnings
    }

    /// Those of [`Service::warnings`] that this did not give before: each is for the log once. Without the standing ones, which
    /// are logged by whoever sets them.
    pub fn new_warnings(&self) -> Vec<String> {
        let warnings = self.found();
        let mut findings = self.findings();
        let new = warnings
            .iter()
            .filter(|words| !findings.logged.contains(*words));
        let new: Vec<String> = new.cloned().collect();
        // What has ended is told again when it begins again.
        findings.logged = warnings.into_iter().collect();
        new
    }
}
