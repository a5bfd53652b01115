//! Feedback: one row a pull request, with what was asked, by whom, and whose it is.

use askama::Template;
use issuecommand_wire::ApiError;
use issuecommand_wire::call::{GetFollowups, HeldFeedback};
use issuecommand_wire::record::{FollowupRecord, HeldFeedbackRecord};

use super::now::Filters;
use super::{CallRunner, ScreenParts, link, screen};
use crate::form::Form;
use crate::view::View;

#[derive(Template)]
#[template(path = "feedback.html")]
struct Feedback<'a> {
    view: View,
    items: &'a [FollowupRecord],
    more: Option<String>,
    held: &'a [HeldFeedbackRecord],
    is_filtered: bool,
}

impl Feedback<'_> {
    fn act(&self, act: &str, item: &FollowupRecord) -> String {
        let (id, back) = (item.work_item_id.as_str(), self.view.back.as_str());
        link(
            &format!("/ui/act/{act}"),
            &[("work_item_id", Some(id)), ("back", Some(back))],
        )
    }
}

pub(super) async fn render(
    asker: &CallRunner<'_>,
    view: View,
    form: &Form,
) -> Result<ScreenParts, ApiError> {
    let (repo, agent, status) = (
        form.text("repo"),
        form.text("agent_id"),
        form.text("status"),
    );
    let answer = asker
        .ask::<GetFollowups>(&[
            ("repo", repo),
            ("claimed_by_agent_id", agent),
            ("status", status),
            ("limit", Some("50")),
            ("cursor", form.text("cursor")),
        ])
        .await?;
    let held = asker.ask::<HeldFeedback>(&[("repo", repo)]).await?;
    let more = answer.next_cursor.as_deref().map(|cursor| {
        let filters = [
            ("repo", repo),
            ("agent_id", agent),
            ("status", status),
            ("cursor", Some(cursor)),
        ];
        link("/ui/feedback", &filters)
    });
    let repos = super::issues::repos(asker).await?;
    let filters = Filters {
        path: "/ui/feedback",
        repo,
        agent,
        repos: &repos,
    };
    let page = Feedback {
        view,
        items: &answer.followups,
        more,
        held: &held.held_feedback,
        is_filtered: repo.is_some() || agent.is_some() || status.is_some(),
    };
    Ok(screen("Feedback", &filters, &page))
}
