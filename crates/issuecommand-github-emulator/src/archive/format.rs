//! The JSON of an archive file. Unused fields are left out.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

#[derive(Debug, Deserialize)]
pub(super) struct File {
    pub(super) repo: String,
    pub(super) issues: Vec<Issue>,
    pub(super) pulls: Vec<Pull>,
}

/// What issues and pull requests have in common.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Issue {
    pub(super) number: u64,
    pub(super) title: String,
    pub(super) author: Option<String>,
    #[serde(default)]
    pub(super) author_association: String,
    #[serde(default)]
    pub(super) assignees: Vec<String>,
    #[serde(default)]
    pub(super) labels: Vec<String>,
    pub(super) body: Option<String>,
    #[serde(deserialize_with = "time")]
    pub(super) created_at: Timestamp,
    #[serde(default, deserialize_with = "maybe_time")]
    pub(super) closed_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) comments: Vec<Comment>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pull {
    #[serde(flatten)]
    pub(super) issue: Issue,
    pub(super) base_ref_name: String,
    pub(super) head_ref_name: String,
    pub(super) head_ref_oid: String,
    /// `owner/name`; `None` for a deleted fork.
    pub(super) head_repository: Option<String>,
    #[serde(default, deserialize_with = "maybe_time")]
    pub(super) merged_at: Option<Timestamp>,
    pub(super) merged_by: Option<String>,
    #[serde(default)]
    pub(super) reviews: Vec<Review>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Comment {
    pub(super) author: Option<String>,
    #[serde(default)]
    pub(super) author_association: String,
    pub(super) body: String,
    #[serde(deserialize_with = "time")]
    pub(super) created_at: Timestamp,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Review {
    pub(super) commit: Option<Commit>,
    pub(super) author: Option<String>,
    #[serde(default)]
    pub(super) author_association: String,
    pub(super) state: Verdict,
    pub(super) body: String,
    #[serde(deserialize_with = "time")]
    pub(super) created_at: Timestamp,
    #[serde(default)]
    pub(super) comments: Vec<ReviewComment>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Verdict {
    Approved,
    ChangesRequested,
    Commented,
    Dismissed,
    Pending,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Commit {
    pub(super) abbreviated_oid: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReviewComment {
    pub(super) original_position: Option<u64>,
    pub(super) body: String,
    #[serde(deserialize_with = "time")]
    pub(super) created_at: Timestamp,
}

fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    String::deserialize(from)?
        .parse()
        .map_err(serde::de::Error::custom)
}

fn maybe_time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    text.map(|text| text.parse())
        .transpose()
        .map_err(serde::de::Error::custom)
}
