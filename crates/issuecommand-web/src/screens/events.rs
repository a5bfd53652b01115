//! Events: the log, newest first.

use askama::Template;
use issuecommand_core::domain::event::EventKind;
use issuecommand_wire::ApiError;
use issuecommand_wire::call::LatestEvents;
use issuecommand_wire::response::LatestEventsResponse;

use super::{CallRunner, ScreenParts, link, screen};
use crate::form::Form;
use crate::view::View;

/// The filters of the log.
struct Wanted<'a> {
    repo: Option<&'a str>,
    agent: Option<&'a str>,
    kind: Option<&'a str>,
}

impl Wanted<'_> {
    fn to(&self, path: &str, before: Option<&str>) -> String {
        let filters = [
            ("repo", self.repo),
            ("agent_id", self.agent),
            ("types", self.kind),
            ("before", before),
        ];
        link(path, &filters)
    }
}

#[derive(Template)]
#[template(path = "events.html")]
struct Events<'a> {
    view: View,
    log: &'a LatestEventsResponse,
    wanted: &'a Wanted<'a>,
    is_first_page: bool,
}

impl Events<'_> {
    fn older(&self) -> Option<String> {
        let before = self.log.next_before.as_deref()?;
        Some(self.wanted.to("/ui/events", Some(before)))
    }
}

#[derive(Template)]
#[template(path = "events_filters.html")]
struct Filters<'a> {
    wanted: &'a Wanted<'a>,
    repos: &'a [String],
    kinds: Vec<&'static str>,
}

pub(super) async fn render(
    asker: &CallRunner<'_>,
    view: View,
    form: &Form,
) -> Result<ScreenParts, ApiError> {
    let wanted = Wanted {
        repo: form.text("repo"),
        agent: form.text("agent_id"),
        kind: form.text("types"),
    };
    let before = form.text("before");
    let log = asker
        .ask::<LatestEvents>(&[
            ("repo", wanted.repo),
            ("agent_id", wanted.agent),
            ("types", wanted.kind),
            ("before", before),
            ("limit", Some("100")),
        ])
        .await?;
    let repos = super::issues::repos(asker).await?;
    let filters = Filters {
        wanted: &wanted,
        repos: &repos,
        kinds: EventKind::ALL.iter().map(|kind| kind.as_str()).collect(),
    };
    let page = Events {
        view,
        log: &log,
        wanted: &wanted,
        is_first_page: before.is_none(),
    };
    Ok(screen("Events", &filters, &page))
}
