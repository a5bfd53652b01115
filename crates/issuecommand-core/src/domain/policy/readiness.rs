//! The settings that decide which issues are handed out.

use std::collections::BTreeSet;

/// `READY_PARENTS`: what happens with an issue that has open sub-issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parents {
    /// It is not handed out.
    Skip,
    /// It is handed out like any other.
    Offer,
}

/// `READY_AUTHORS` and `FEEDBACK_AUTHORS`: whose texts reach agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authors {
    /// Everybody's.
    Anyone,
    /// Those of accounts with write access.
    Write,
    /// Those of accounts with write access in public repositories, everybody's in private ones.
    Auto,
}

impl Authors {
    /// Whether an author needs write access in such a repository.
    pub fn need_write(self, private: bool) -> bool {
        match self {
            Self::Anyone => false,
            Self::Write => true,
            Self::Auto => !private,
        }
    }
}

/// Which issues are handed out, named as in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadinessPolicy {
    /// `READY_SKIP_ASSIGNED`: an issue that is assigned to a person is not handed out.
    pub skip_assigned: bool,
    /// `AGENT_LOGINS`: GitHub logins that agents use, in lower case. An issue that is assigned to one of them alone is nobody's.
    /// `None`: the credential's own user and all App bots.
    pub agent_logins: Option<BTreeSet<String>>,
    /// `READY_EXCLUDE_LABELS`: labels that keep an issue from being handed out, in lower case.
    pub exclude_labels: Vec<String>,
    /// `READY_REQUIRE_LABELS`: labels of which an issue needs one, in lower case. Empty: none is needed.
    pub require_labels: Vec<String>,
    /// `READY_TYPES`: types of which an issue must be one, in lower case. Empty: any type will do.
    pub types: Vec<String>,
    /// `READY_PARENTS`.
    pub parents: Parents,
    /// `READY_AUTHORS`.
    pub authors: Authors,
    /// `READY_APPROVE_LABELS`: labels by which an issue of somebody without write access is approved, in lower case.
    pub approve_labels: Vec<String>,
}

impl Default for ReadinessPolicy {
    fn default() -> Self {
        Self {
            skip_assigned: true,
            agent_logins: None,
            exclude_labels: vec!["no-agent".to_owned(), "needs-human".to_owned()],
            require_labels: Vec::new(),
            types: Vec::new(),
            parents: Parents::Skip,
            authors: Authors::Anyone,
            approve_labels: vec!["agent-ok".to_owned()],
        }
    }
}

impl ReadinessPolicy {
    /// Hands out every open issue that is free.
    pub fn anything() -> Self {
        Self {
            skip_assigned: false,
            agent_logins: None,
            exclude_labels: Vec::new(),
            parents: Parents::Offer,
            ..Self::default()
        }
    }

    /// Identifies the rules: policies with the same source judge alike.
    pub(crate) fn source(&self) -> String {
        let Self {
            skip_assigned,
            agent_logins,
            exclude_labels,
            require_labels,
            types,
            parents,
            authors,
            approve_labels,
        } = self;
        format!(
            "{skip_assigned} {agent_logins:?} {exclude_labels:?} {require_labels:?} {types:?} {parents:?} {authors:?} \
             {approve_labels:?}"
        )
    }
}
