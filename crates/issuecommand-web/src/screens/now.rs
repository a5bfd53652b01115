//! Now: what needs a person, who works on what, what has just happened, what comes next.

use askama::Template;
use issuecommand_wire::ApiError;
use issuecommand_wire::call::GetOverview;
use issuecommand_wire::record::{AttentionRecord, OverviewRecord};

use super::{CallRunner, ScreenParts, link, screen};
use crate::form::Form;
use crate::view::View;

#[derive(Template)]
#[template(path = "now.html")]
struct Now<'a> {
    view: View,
    overview: &'a OverviewRecord,
    repo: Option<&'a str>,
    agent: Option<&'a str>,
}

impl Now<'_> {
    /// A screen with the filters of this one.
    fn to(&self, path: &str, more: &[(&str, &str)]) -> String {
        let own = [("repo", self.repo), ("agent_id", self.agent)];
        let more = more.iter().map(|(name, value)| (*name, Some(*value)));
        link(path, &more.chain(own).collect::<Vec<_>>())
    }

    fn what(&self, item: &AttentionRecord) -> &'static str {
        match item.kind {
            "claim_stale" => "Agent silent",
            "issue_tried" => "Tried too often",
            "issue_parked" => "Parked",
            "feedback_unclaimed" => "Feedback unclaimed",
            "close_failed" => "Cannot be closed",
            "write_failed" => "Write to GitHub failed",
            "deliveries_dead" => "Deliveries failed",
            "policy_broken" => "Policy broken",
            "dependency_cycle" => "Circle of dependencies",
            "agent_looping" => "Agent paused",
            "sync_failing" => "Sync fails",
            "github_budget_gone" => "GitHub budget used up",
            "credentials_refused" => "GitHub refuses the token",
            "database_unwritable" => "Database not writable",
            other => other,
        }
    }

    fn class(&self, item: &AttentionRecord) -> &'static str {
        match item.kind {
            "feedback_unclaimed" | "issue_parked" | "policy_broken" | "dependency_cycle" => "a",
            _ => "r",
        }
    }
}

#[derive(Template)]
#[template(path = "filters.html")]
pub(super) struct Filters<'a> {
    pub(super) path: &'a str,
    pub(super) repo: Option<&'a str>,
    pub(super) agent: Option<&'a str>,
    pub(super) repos: &'a [String],
}

pub(super) async fn render(
    asker: &CallRunner<'_>,
    view: View,
    form: &Form,
) -> Result<ScreenParts, ApiError> {
    let (repo, agent) = (form.text("repo"), form.text("agent_id"));
    let overview = asker
        .ask::<GetOverview>(&[("repo", repo), ("agent_id", agent)])
        .await?
        .overview;
    let repos = super::issues::repos(asker).await?;
    let filters = Filters {
        path: "/ui",
        repo,
        agent,
        repos: &repos,
    };
    let page = Now {
        view,
        overview: &overview,
        repo,
        agent,
    };
    Ok(screen("Now", &filters, &page))
}
