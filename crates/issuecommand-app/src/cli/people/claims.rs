//! Claims as the API tells them.

use issuecommand_wire::call::GetAllClaims;
use serde::Deserialize;
use serde_json::Value;

use super::channel::{Channel, Given};
use super::failure::Failure;
use super::reference::Place;

/// One agent holds one issue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Claim {
    #[serde(rename = "claim_id")]
    pub(super) id: String,
    pub(super) agent_id: String,
    pub(super) repo: String,
    pub(super) issue_number: i64,
    pub(super) issue_title: String,
    pub(super) issue_labels: Vec<String>,
    pub(super) status: String,
    pub(super) claimed_at: String,
    pub(super) last_updated: String,
    pub(super) stale_at: Option<String>,
    pub(super) pr_url: Option<String>,
    pub(super) status_history: Vec<StatusEntry>,
}

/// A line of a claim's history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct StatusEntry {
    pub(super) status: String,
}

impl Claim {
    pub(super) fn read(value: &Value) -> Self {
        serde_json::from_value(value.clone()).unwrap_or_default()
    }

    pub(super) fn issue(&self) -> String {
        format!("{}#{}", self.repo, self.issue_number)
    }

    /// The status for people, with the number of its pull request.
    pub(super) fn status_words(&self) -> String {
        let words = self.status.replace('_', " ");
        match self.pr_url.as_deref().and_then(pull_number) {
            Some(number) if self.status.starts_with("pr_") => format!("{words} !{number}"),
            _ => words,
        }
    }

    /// The status that a sign of life names: of a stale claim the one before.
    pub(super) fn living_status(&self) -> &str {
        let mut before = self
            .status_history
            .iter()
            .rev()
            .map(|entry| entry.status.as_str());
        if self.status == "stale" {
            before
                .find(|status| *status != "stale")
                .unwrap_or("in_progress")
        } else {
            &self.status
        }
    }
}

/// The number of a pull request's address.
pub(super) fn pull_number(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("/pull/")?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    Some(&rest[..end]).filter(|number| !number.is_empty())
}

/// The claim on an issue, if an agent holds it.
pub(super) async fn find_claim(channel: &Channel, place: &Place) -> Result<Option<Claim>, Failure> {
    let given = Given::new().with("repo", place.repo.as_str());
    let answer = channel.call::<GetAllClaims>(given).await?;
    let claims = answer["claims"].as_array().into_iter().flatten();
    Ok(claims
        .map(Claim::read)
        .find(|claim| claim.issue_number == place.number))
}

/// The same for a command that needs it.
pub(super) async fn held_claim(channel: &Channel, place: &Place) -> Result<Claim, Failure> {
    let claim = find_claim(channel, place).await?;
    claim.ok_or_else(|| {
        Failure::nothing(format!("no agent holds {place}"))
            .hint("Who holds what: issuecommand list")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pull_request_is_shown_by_its_number() {
        let claim = Claim {
            status: "pr_submitted".to_owned(),
            pr_url: Some("https://github.com/a/b/pull/640/files".to_owned()),
            ..Claim::default()
        };
        assert_eq!(claim.status_words(), "pr submitted !640");
        assert_eq!(pull_number("https://github.com/a/b/issues/1"), None);
    }

    #[test]
    fn a_stale_claim_goes_on_where_it_was() {
        let entry = |status: &str| StatusEntry {
            status: status.to_owned(),
        };
        let claim = Claim {
            status: "stale".to_owned(),
            status_history: ["claimed", "in_progress", "pr_submitted", "stale"]
                .map(entry)
                .into(),
            ..Claim::default()
        };
        assert_eq!(claim.living_status(), "pr_submitted");
    }
}
