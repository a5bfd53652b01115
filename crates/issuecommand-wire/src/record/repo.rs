//! A repository on the wire.

use issuecommand_core::ports::store::RepoCount;
use schemars::JsonSchema;
use serde::Serialize;

/// A repository whose issues are handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RepoRecord {
    /// `owner/name`.
    pub full_name: String,
    /// The half before the slash.
    pub owner: String,
    /// The half after the slash.
    pub name: String,
    /// Its page on GitHub.
    pub url: String,
    /// The line under its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Not visible to everybody.
    pub private: bool,
    /// Open issues without pull requests; GitHub's own count, with them, while the mirror does not know better.
    pub open_issue_count: u64,
}

impl From<&RepoCount> for RepoRecord {
    fn from(count: &RepoCount) -> Self {
        let facts = &count.repo.facts;
        let open_issue_count = match count.repo.synced_at {
            Some(_) => count.open,
            None => u64::try_from(facts.open_count).unwrap_or(0),
        };
        Self {
            full_name: facts.name.to_string(),
            owner: facts.name.owner().to_owned(),
            name: facts.name.name().to_owned(),
            url: facts.url.clone(),
            description: facts.description.clone(),
            private: facts.private,
            open_issue_count,
        }
    }
}
