//! The stream of a tab.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use metrics::gauge;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::hub::{Rendering, Shown};
use crate::escape::Visible;
use crate::form::Form;
use crate::person::Person;
use crate::screens::ScreenRequest;
use crate::state::Web;

/// How often a stream shows that it lives. A page that hears nothing for 5 s says that it is not live.
const PING: Duration = Duration::from_secs(2);
/// How often it is looked whether the session has ended.
const CHECK: Duration = Duration::from_secs(5);

/// `GET /ui/stream?page=…`: the screen of a page, each time that it is rendered.
pub(crate) async fn stream(
    State(web): State<Web>,
    Extension(person): Extension<Person>,
    request: Request,
) -> Response {
    let query = Form::read(request.uri().query().unwrap_or_default().as_bytes());
    let page = query.text("page").unwrap_or("/ui");
    let (path, filters) = page
        .split_once('?')
        .map_or((page, None), |(path, query)| (path, Some(query)));
    let Some(asked) = ScreenRequest::of(path, filters) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let shown = web.hub().watch(&web, asked, &person.caller);
    let now = Instant::now();
    let tab = Tab {
        web,
        person,
        shown,
        ping: now + PING,
        check: now + CHECK,
        is_first: true,
        counted: OpenTab::begin(),
    };
    let frames = stream::unfold(Some(tab), |tab| async move {
        let mut tab = tab?;
        let (frame, more) = tab.next().await?;
        Some((Ok::<Bytes, Infallible>(frame), more.then_some(tab)))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(frames)).into_response()
}

/// One open stream. It keeps no renderings: a reader who is slow gets the newest one next.
struct Tab {
    web: Web,
    person: Person,
    shown: watch::Receiver<Shown>,
    ping: Instant,
    check: Instant,
    is_first: bool,
    #[expect(dead_code, reason = "counts while it is there")]
    counted: OpenTab,
}

impl Tab {
    /// The next piece of the stream, and whether more follows; `None` at its end.
    async fn next(&mut self) -> Option<(Bytes, bool)> {
        if std::mem::take(&mut self.is_first) {
            // A connection that is there is seen at once, though the first rendering may take a while.
            return Some((ping(), true));
        }
        loop {
            let shutdown = self.web.shutdown().clone();
            tokio::select! {
                () = shutdown.cancelled() => return None,
                changed = self.shown.changed() => {
                    // The renderer was ended.
                    changed.ok()?;
                    let shown = self.shown.borrow_and_update().clone();
                    if let Some(rendering) = shown {
                        return Some((frame(&rendering), true));
                    }
                }
                () = sleep_until(self.ping) => {
                    self.ping = Instant::now() + PING;
                    // A screen that cannot be rendered is not live, though the connection is: the page is to say so.
                    let is_live = self.shown.borrow().is_some();
                    let piece = if is_live { ping() } else { Bytes::from_static(b":\n\n") };
                    return Some((piece, true));
                }
                () = sleep_until(self.check) => {
                    self.check = Instant::now() + CHECK;
                    if self.has_ended().await {
                        return Some((Bytes::from_static(b"event: ended\ndata: \n\n"), false));
                    }
                }
            }
        }
    }

    /// Whether the session has ended, or what it may see has changed. A store that does not answer is no proof of that.
    async fn has_ended(&self) -> bool {
        let known = self
            .web
            .service()
            .signed_in(&self.person.session, false)
            .await;
        match known {
            Ok(Some(signed_in)) => Person::of(signed_in).caller != self.person.caller,
            Ok(None) => true,
            Err(_) => false,
        }
    }
}

fn ping() -> Bytes {
    Bytes::from_static(b"event: ping\ndata: \n\n")
}

/// A rendering as one message: the region, and the line in the head of the page beside it.
fn frame(rendering: &Rendering) -> Bytes {
    let mut facts = String::new();
    // Writing to a string cannot fail.
    let _ =
        askama::filters::Escaper::write_escaped_str(&Visible, &mut facts, &rendering.region.facts);
    let mut text = format!("id: {}\n", rendering.event);
    let html = &rendering.region.html;
    for line in html.lines() {
        let _ = writeln!(text, "data: {line}");
    }
    let facts = format!("<span id=\"facts\" hx-swap-oob=\"innerHTML\">{facts}</span>");
    let _ = write!(text, "data: {facts}\n\n");
    text.into()
}

/// A tab, counted until it is closed.
struct OpenTab;

impl OpenTab {
    fn begin() -> Self {
        gauge!("issuecommand_dashboard_tabs").increment(1.0);
        Self
    }
}

impl Drop for OpenTab {
    fn drop(&mut self) {
        gauge!("issuecommand_dashboard_tabs").decrement(1.0);
    }
}
