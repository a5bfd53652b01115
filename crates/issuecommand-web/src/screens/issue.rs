//! One issue: who has it, how far it is, and everything that happened to it.

use askama::Template;
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_wire::ApiError;
use issuecommand_wire::call::GetIssueHistory;
use issuecommand_wire::response::IssueHistoryResponse;

use super::{CallRunner, NoFilters, ScreenParts, link, screen};
use crate::form::Form;
use crate::view::{View, encoded};

#[derive(Template)]
#[template(path = "issue.html")]
struct Issue<'a> {
    view: View,
    repo: &'a str,
    number: i64,
    history: &'a IssueHistoryResponse,
    raw: String,
    is_first_page: bool,
}

impl Issue<'_> {
    /// The steps of its way, each with whether it was come to.
    fn steps(&self) -> Vec<(&'static str, &'static str)> {
        let Some(work) = &self.history.working else {
            return Vec::new();
        };
        let at = match work.status.0 {
            ClaimStatus::Claimed => 0,
            ClaimStatus::InProgress => 1,
            ClaimStatus::PrSubmitted => 2,
            ClaimStatus::PrMerged => 3,
            ClaimStatus::Closed => 4,
            // A stale claim has no place of its own.
            ClaimStatus::Stale | ClaimStatus::Released => return Vec::new(),
        };
        let names = ["claimed", "in progress", "in review", "merged", "closed"];
        let steps = names.into_iter().enumerate().map(|(n, name)| {
            let class = match n.cmp(&at) {
                std::cmp::Ordering::Less => "",
                std::cmp::Ordering::Equal => "now",
                std::cmp::Ordering::Greater => "then",
            };
            (name, class)
        });
        steps.collect()
    }

    fn path(&self) -> String {
        let (owner, name) = self.repo.split_once('/').unwrap_or((self.repo, ""));
        format!("/ui/i/{}/{}/{}", encoded(owner), encoded(name), self.number)
    }

    fn older(&self) -> Option<String> {
        let before = self.history.next_before.as_deref()?;
        Some(link(&self.path(), &[("before", Some(before))]))
    }

    /// The address of an act on this issue.
    fn act(&self, act: &str) -> String {
        let number = self.number.to_string();
        let back = self.path();
        let fields = [
            ("repo", Some(self.repo)),
            ("number", Some(number.as_str())),
            ("back", Some(back.as_str())),
        ];
        link(&format!("/ui/act/{act}"), &fields)
    }
}

pub(super) async fn render(
    asker: &CallRunner<'_>,
    view: View,
    (repo, number): (&str, &str),
    form: &Form,
) -> Result<ScreenParts, ApiError> {
    let before = form.text("before");
    let history = asker
        .ask::<GetIssueHistory>(&[
            ("repo", Some(repo)),
            ("issue_number", Some(number)),
            ("before", before),
        ])
        .await?;
    let raw = serde_json::to_string_pretty(&history).unwrap_or_default();
    let page = Issue {
        view,
        repo,
        number: number.parse().unwrap_or_default(),
        history: &history,
        raw,
        is_first_page: before.is_none(),
    };
    let title = history.issue.as_ref().map(|issue| issue.title.as_str());
    let title = format!("{repo}#{number} {}", title.unwrap_or_default());
    Ok(screen(title, &NoFilters, &page))
}
