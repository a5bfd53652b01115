//! The settings that decide which issues are handed out.

use std::collections::BTreeSet;

/// Which issues are handed out, named as in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadinessPolicy {
    /// `READY_SKIP_ASSIGNED`: an issue that is assigned to a person is not handed out.
    pub skip_assigned: bool,
    /// `AGENT_LOGINS`: GitHub logins that agents use, in lower case. An issue that is assigned to one of them alone is nobody's.
    pub agent_logins: BTreeSet<String>,
    /// `READY_EXCLUDE_LABELS`: labels that keep an issue from being handed out, in lower case.
    pub exclude_labels: Vec<String>,
    /// `READY_REQUIRE_LABELS`: labels of which an issue needs one, in lower case. Empty: none is needed.
    pub require_labels: Vec<String>,
}

impl Default for ReadinessPolicy {
    fn default() -> Self {
        Self {
            skip_assigned: true,
            agent_logins: BTreeSet::new(),
            exclude_labels: vec!["no-agent".to_owned(), "needs-human".to_owned()],
            require_labels: Vec::new(),
        }
    }
}

impl ReadinessPolicy {
    /// Hands out every open issue that is free.
    pub fn anything() -> Self {
        Self {
            skip_assigned: false,
            agent_logins: BTreeSet::new(),
            exclude_labels: Vec::new(),
            require_labels: Vec::new(),
        }
    }

    /// Identifies the rules: policies with the same source judge alike.
    pub(crate) fn source(&self) -> String {
        let Self {
            skip_assigned,
            agent_logins,
            exclude_labels,
            require_labels,
        } = self;
        format!("{skip_assigned} {agent_logins:?} {exclude_labels:?} {require_labels:?}")
    }
}
