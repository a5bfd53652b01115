//! The lines of a list of issues.

use crate::domain::chosen::Ranked;
use crate::domain::failure::StoreError;
use crate::domain::id::IssueKey;
use crate::domain::issue::IssueState;
use crate::domain::park::ParkReason;
use crate::domain::readiness::ReasonCode;
use crate::domain::standing::{Open, Standing};
use crate::domain::time::{Millis, Timestamp};
use crate::ports::read_model::{IssueLine, IssueLines};
use crate::service::Service;

/// Where an issue stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineState {
    /// It is handed out.
    Ready,
    /// An agent has it.
    Held,
    /// There are reasons against it.
    Blocked,
    /// It is closed on GitHub, and no agent has it.
    Closed,
}

impl LineState {
    /// The state as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Held => "held",
            Self::Blocked => "blocked",
            Self::Closed => "closed",
        }
    }
}

/// A line of a list of issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedIssue {
    /// The issue.
    pub line: IssueLine,
    /// Where it stands.
    pub state: LineState,
    /// Which one in the list will be served before it, counted from 1; of ready ones.
    pub position: Option<u64>,
    /// How urgent it is, and why.
    pub ranked: Ranked,
    /// Since when it waits for an agent.
    pub waits_since: Timestamp,
    /// The reasons for which it is not handed out, in a few words.
    pub reasons: Vec<(ReasonCode, String)>,
}

impl ListedIssue {
    /// The key of the issue.
    pub fn key(&self) -> IssueKey {
        self.line.issue.key()
    }
}

impl Service {
    /// The lines of these issues, in this order. Those that the mirror does not have are left out.
    pub(in crate::service) async fn listed(
        &self,
        keys: &[IssueKey],
    ) -> Result<Vec<ListedIssue>, StoreError> {
        let mut found = self.store.issue_lines(keys).await?;
        let lines = std::mem::take(&mut found.lines);
        let mut lines: Vec<ListedIssue> = lines
            .into_iter()
            .map(|line| self.listed_one(line, &found))
            .collect();
        lines.sort_by_cached_key(|line| keys.iter().position(|key| *key == line.key()));
        Ok(lines)
    }

    fn listed_one(&self, line: IssueLine, of: &IssueLines) -> ListedIssue {
        let issue = &line.issue;
        let repo = of.repos.get(&issue.repo);
        let known_at = repo.map_or(Timestamp::default(), |repo| repo.known_at);
        let created_at =
            (line.standing.as_ref()).map_or(issue.facts.created_at, |standing| standing.created_at);
        let waits_since = created_at.max(known_at);
        let table = match of.priorities.get(&issue.repo) {
            Some(words) => self.policy.priority.with_words(words),
            None => self.policy.priority.clone(),
        };
        let waited = Millis((self.clock.now().0 - waits_since.0).max(0));
        let named = self.policy.rank(&table, &issue.facts);
        let ranked = Ranked {
            rank: self.policy.aged(named, waited),
            named,
            source: self.policy.rank_source(&table, &issue.facts),
            waited,
        };
        let is_open = issue.facts.state == IssueState::Open;
        let offered = repo.is_some_and(|repo| repo.offered);
        let standing = line.standing.as_ref().filter(|_| is_open);
        let mut reasons: Vec<(ReasonCode, String)> = Vec::new();
        let mut add = |code: ReasonCode| reasons.push((code, brief(code, &line)));
        if !is_open {
            add(ReasonCode::Closed);
        }
        if !offered {
            add(ReasonCode::RepoNotOffered);
        }
        if line.claim.is_some() {
            add(ReasonCode::Held);
        }
        standing
            .into_iter()
            .flat_map(|standing| standing.reasons.iter())
            .for_each(add);
        let state = match (&line.claim, is_open, reasons.is_empty()) {
            (Some(_), _, _) => LineState::Held,
            (None, false, _) => LineState::Closed,
            (None, true, true) => LineState::Ready,
            (None, true, false) => LineState::Blocked,
        };
        ListedIssue {
            state,
            position: None,
            ranked,
            waits_since,
            reasons,
            line,
        }
    }
}

/// A reason in a few words, with what the line knows of it.
fn brief(code: ReasonCode, line: &IssueLine) -> String {
    let standing = line.standing.as_ref();
    let open = standing.map(|standing| standing.open).unwrap_or_default();
    let Open {
        blockers,
        hidden_blockers,
        children,
        hidden_children,
        pulls,
    } = open;
    let count = |n: u32, one: &str| {
        let s = if n == 1 { "" } else { "s" };
        format!("{n} {one}{s}")
    };
    match code {
        ReasonCode::Held => match &line.claim {
            Some(claim) => format!("{} has it", claim.agent.as_str()),
            None => code.brief().to_owned(),
        },
        ReasonCode::BlockedBy => {
            let n = blockers.saturating_add(hidden_blockers);
            format!("blocked by {}", count(n, "issue"))
        }
        ReasonCode::HasOpenChildren => {
            let n = children.saturating_add(hidden_children);
            format!("waits for {}", count(n, "sub-issue"))
        }
        ReasonCode::HasOpenPr if pulls > 1 => count(pulls, "open pull request"),
        ReasonCode::NeedsHuman => parked(standing).unwrap_or_else(|| code.brief().to_owned()),
        ReasonCode::Assigned if !line.issue.facts.assignees.is_empty() => {
            format!("assigned to @{}", line.issue.facts.assignees.join(", @"))
        }
        ReasonCode::Closed
        | ReasonCode::RepoNotOffered
        | ReasonCode::RepoPaused
        | ReasonCode::Withheld
        | ReasonCode::UntrustedAuthor
        | ReasonCode::MergedPr
        | ReasonCode::HasOpenPr
        | ReasonCode::Assigned
        | ReasonCode::ExcludedLabel
        | ReasonCode::MissingLabel => code.brief().to_owned(),
    }
}

fn parked(standing: Option<&Standing>) -> Option<String> {
    let parked = standing?.parked.as_ref()?;
    Some(match parked.why {
        ParkReason::Attempts(n) => format!("tried {n} times"),
        ParkReason::Outcome(outcome) => format!("given back as {}", outcome.as_str()),
        ParkReason::Person => format!("parked by {}", parked.by),
    })
}
