//! The event log as JSON lines, one event a line, oldest first.

use std::convert::Infallible;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::event::{Event, Seq};
use issuecommand_wire::record::EventRecord;

use crate::form::Form;
use crate::person::Person;
use crate::state::Web;

/// How many events are read at once.
const PAGE: u32 = 500;

/// The filters of the screen.
struct Wanted {
    sight: Scope,
    repo: Option<String>,
    agent: Option<String>,
    kind: Option<String>,
}

impl Wanted {
    fn has(&self, event: &Event) -> bool {
        let repo = event.repo.as_ref();
        let seen = match (&self.sight, repo) {
            (Scope::All, _) => true,
            (sight, Some(repo)) => sight.has(repo),
            // What concerns no repository is told to those who see all.
            (Scope::Only(_), None) => false,
        };
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted
                .as_deref()
                .is_none_or(|wanted| found.is_some_and(|found| found.eq_ignore_ascii_case(wanted)))
        };
        seen && is(&self.repo, repo.map(|repo| repo.as_str()))
            && self.agent.as_deref().is_none_or(|agent| {
                event
                    .agent
                    .as_ref()
                    .is_some_and(|own| own.as_str() == agent)
            })
            && is(&self.kind, Some(event.kind.as_str()))
    }
}

/// `GET /ui/events.jsonl`: everything that the log keeps and the person may see, up to now.
pub(crate) async fn events(
    State(web): State<Web>,
    Extension(person): Extension<Person>,
    request: Request,
) -> Response {
    let form = Form::read(request.uri().query().unwrap_or_default().as_bytes());
    let text = |name| form.text(name).map(str::to_owned);
    let wanted = Wanted {
        sight: web.service().sight(&person.caller),
        repo: text("repo"),
        agent: text("agent_id"),
        kind: text("types"),
    };
    let lines = stream::unfold(Some((web, wanted, 0)), |state| async move {
        let (web, wanted, after) = state?;
        let (text, last) = page(&web, &wanted, after).await?;
        Some((
            Ok::<Bytes, Infallible>(text),
            last.map(|last| (web, wanted, last)),
        ))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/jsonl"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"events.jsonl\"",
        ),
    ];
    (headers, Body::from_stream(lines)).into_response()
}

/// A page of lines, and the last event of it if more may follow. Where the log cannot be read the file ends with a line that says so.
async fn page(web: &Web, wanted: &Wanted, after: Seq) -> Option<(Bytes, Option<Seq>)> {
    let events = match web.service().store().events_after(after, PAGE).await {
        Ok(events) => events,
        Err(error) => {
            tracing::warn!(name: "web.log_unread", %error, "an export of events was cut off");
            let line = "{\"error\":\"the event log could not be read any further\"}\n";
            return Some((Bytes::from_static(line.as_bytes()), None));
        }
    };
    let last = events.last()?.seq;
    let mut text = String::new();
    for event in events.iter().filter(|event| wanted.has(event)) {
        if let Ok(line) = serde_json::to_string(&EventRecord::seen_in(event, &wanted.sight)) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    Some((text.into(), Some(last)))
}
