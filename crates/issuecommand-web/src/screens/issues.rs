//! Issues: the queue in the order in which it is served, and every issue that is not offered with its reasons.

use askama::Template;
use issuecommand_wire::ApiError;
use issuecommand_wire::call::ListIssues;
use issuecommand_wire::record::ReasonCountRecord;
use issuecommand_wire::response::IssueListResponse;

use super::{CallRunner, ScreenParts, link, screen};
use crate::form::Form;
use crate::view::View;

const PATH: &str = "/ui/issues";

/// The filters of the list.
struct Wanted<'a> {
    state: &'a str,
    repo: Option<&'a str>,
    agent: Option<&'a str>,
    label: Option<&'a str>,
    words: Option<&'a str>,
    reason: Option<&'a str>,
}

impl<'a> Wanted<'a> {
    fn of(form: &'a Form) -> Self {
        Self {
            state: form.text("state").unwrap_or("ready"),
            repo: form.text("repo"),
            agent: form.text("agent_id"),
            label: form.text("label"),
            words: form.text("q"),
            reason: form.text("reason"),
        }
    }

    /// The list with another state or reason, or its next page.
    fn to(&self, state: &str, reason: Option<&str>, cursor: Option<&str>) -> String {
        let filters = [
            ("state", Some(state)),
            ("repo", self.repo),
            ("agent_id", self.agent),
            ("label", self.label),
            ("q", self.words),
            ("reason", reason),
            ("cursor", cursor),
        ];
        link(PATH, &filters)
    }
}

#[derive(Template)]
#[template(path = "issues.html")]
struct Issues<'a> {
    view: View,
    list: &'a IssueListResponse,
    wanted: &'a Wanted<'a>,
    is_first_page: bool,
}

impl Issues<'_> {
    fn states(&self) -> [(&'static str, &'static str, u64); 4] {
        let counts = &self.list.counts;
        [
            ("ready", "Ready to take", counts.ready),
            ("held", "Held by agents", counts.held),
            ("blocked", "Not offered", counts.blocked),
            ("all", "All", counts.ready + counts.held + counts.blocked),
        ]
    }

    fn state(&self, state: &str) -> String {
        self.wanted.to(state, None, None)
    }

    fn reason(&self, reason: &ReasonCountRecord) -> String {
        self.wanted.to("blocked", Some(reason.reason), None)
    }

    fn next(&self) -> Option<String> {
        let cursor = self.list.next_cursor.as_deref();
        cursor.map(|cursor| {
            self.wanted
                .to(self.wanted.state, self.wanted.reason, Some(cursor))
        })
    }

    fn first(&self) -> String {
        self.wanted.to(self.wanted.state, self.wanted.reason, None)
    }
}

#[derive(Template)]
#[template(path = "issues_filters.html")]
struct Filters<'a> {
    wanted: &'a Wanted<'a>,
    repos: &'a [String],
}

pub(super) async fn render(
    asker: &CallRunner<'_>,
    view: View,
    form: &Form,
) -> Result<ScreenParts, ApiError> {
    let wanted = Wanted::of(form);
    let cursor = form.text("cursor");
    let list = asker
        .ask::<ListIssues>(&[
            ("state", Some(wanted.state)),
            ("repo", wanted.repo),
            ("agent_id", wanted.agent),
            ("label", wanted.label),
            ("q", wanted.words),
            ("reason", wanted.reason),
            ("limit", Some("50")),
            ("cursor", cursor),
        ])
        .await?;
    let repos = repos(asker).await?;
    let filters = Filters {
        wanted: &wanted,
        repos: &repos,
    };
    let page = Issues {
        view,
        list: &list,
        wanted: &wanted,
        is_first_page: cursor.is_none(),
    };
    Ok(screen("Issues", &filters, &page))
}

/// The names of the repositories that the viewer may see, for a choice of them.
pub(super) async fn repos(asker: &CallRunner<'_>) -> Result<Vec<String>, ApiError> {
    let known = asker.repos().await?;
    Ok(known
        .into_iter()
        .map(|known| known.repo.facts.name.to_string())
        .collect())
}
