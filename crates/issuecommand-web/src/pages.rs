//! The page of a screen: the frame around what the screen renders.

use askama::Template;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use issuecommand_core::domain::time::Timestamp;

use crate::assets::{ASSETS, Assets};
use crate::page::{self, theme};
use crate::person::{Person, cookie, viewer};
use crate::screens::{self, ScreenRequest};
use crate::state::Web;
use crate::view::encoded;

/// The navigation.
const SECTIONS: [(&str, &str); 6] = [
    ("Now", "/ui"),
    ("Issues", "/ui/issues"),
    ("Feedback", "/ui/feedback"),
    ("Agents", "/ui/agents"),
    ("Events", "/ui/events"),
    ("System", "/ui/system"),
];

/// The cookie with what the last act came to, told once.
pub(crate) const SAID: &str = "issuecommand-said";

/// A page in its frame.
#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    assets: &'static Assets,
    theme: &'a str,
    next_theme: &'static str,
    title: &'a str,
    sections: [(&'static str, &'static str); 6],
    section: &'a str,
    banner: Option<&'static str>,
    /// The stream that keeps the page live; `None` for a page that stays as it is.
    live: Option<String>,
    now: String,
    clock: String,
    facts: &'a str,
    back: &'a str,
    name: &'a str,
    acts: bool,
    said: Option<String>,
    filters: &'a str,
    html: &'a str,
    below: &'a str,
}

/// What a page has in its frame.
pub(crate) struct Content<'a> {
    pub(crate) title: &'a str,
    pub(crate) section: &'a str,
    /// The page, as forms that come back to it name it.
    pub(crate) back: &'a str,
    pub(crate) is_live: bool,
    pub(crate) facts: &'a str,
    pub(crate) filters: &'a str,
    pub(crate) html: &'a str,
    /// What stands below and is not renewed.
    pub(crate) below: &'a str,
}

/// Puts a page into its frame.
pub(crate) fn framed(
    web: &Web,
    person: &Person,
    headers: &HeaderMap,
    status: StatusCode,
    content: &Content<'_>,
) -> Response {
    let now: Timestamp = web.service().clock().now();
    let now = now.to_string();
    let chosen = theme(headers);
    let said = cookie(headers, SAID).filter(|said| !said.is_empty());
    let said = said.and_then(|said| {
        percent_encoding::percent_decode_str(said)
            .decode_utf8()
            .ok()
    });
    let rendered = Page {
        assets: &ASSETS,
        theme: chosen,
        next_theme: if chosen == "dark" { "light" } else { "dark" },
        title: content.title,
        sections: SECTIONS,
        section: content.section,
        banner: web.options().banner,
        live: content
            .is_live
            .then(|| format!("/ui/stream?page={}", encoded(content.back))),
        clock: now.get(11..19).unwrap_or_default().to_owned(),
        now,
        facts: content.facts,
        back: content.back,
        name: &person.name,
        acts: person.acts(),
        said: said.as_deref().map(str::to_owned),
        filters: content.filters,
        html: content.html,
        below: content.below,
    };
    let mut response = page::html(status, rendered.render());
    if said.is_some() {
        let gone = format!("{SAID}=; Path=/ui; Max-Age=0; HttpOnly; SameSite=Lax");
        if let Ok(gone) = HeaderValue::try_from(gone) {
            response.headers_mut().append(header::SET_COOKIE, gone);
        }
    }
    response
}

/// `GET /ui` and below: a screen.
pub(crate) async fn screen(
    State(web): State<Web>,
    Extension(person): Extension<Person>,
    request: Request,
) -> Response {
    let uri = request.uri();
    let Some(asked) = ScreenRequest::of(uri.path(), uri.query()) else {
        return page::nowhere().await;
    };
    let region = match screens::render(&web, &viewer(&person.caller), &asked).await {
        Ok(region) => region,
        Err(error) => return page::failure(&error),
    };
    let below = match screens::below(&web, &viewer(&person.caller), &asked).await {
        Ok(below) => below,
        Err(error) => return page::failure(&error),
    };
    let content = Content {
        below: &below,
        title: &region.title,
        section: asked.place.section(),
        back: &asked.target,
        is_live: true,
        facts: &region.facts,
        filters: &region.filters,
        html: &region.html,
    };
    framed(&web, &person, request.headers(), StatusCode::OK, &content)
}
