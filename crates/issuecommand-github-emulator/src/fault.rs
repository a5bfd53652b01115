//! Ways for GitHub to fail, switched on for routes.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::pattern::Pattern;

/// What goes wrong with the requests of a route. It lasts until it is ended, or for a number of requests.
#[derive(Debug, Clone)]
pub struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) without: Vec<String>,
    pub(crate) links: Option<Links>,
    times: Option<u32>,
    skip: u32,
    page: Option<u64>,
}

#[derive(Debug, Clone)]
pub(crate) enum FaultKind {
    /// This status with this body (none for null), and nothing done.
    Status(u16, Value),
    /// 200 with this text in place of the true answer.
    Text(String),
    /// No answer at all; the connection stays open.
    Hang,
    /// The true answer, cut off in the middle of its body.
    BreakOff,
    /// The true answer, late.
    Delay(Duration),
    /// The true answer, with other headers.
    Truth,
    /// The true answer with this value at this JSON pointer, or without what is there.
    Altered(String, Option<Value>),
    /// The true answer with another text in place of each of this one.
    Rewritten(String, String),
}

/// Where `Link` leads in place of the next page.
#[derive(Debug, Clone)]
pub(crate) enum Links {
    /// From the last of so many pages to the first.
    Circle(u64),
    /// On and on, whatever there is.
    Endless,
    /// To the right pages of this host.
    Host(String),
}

/// A fault that was switched on, to end it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultId(u64);

impl Fault {
    fn of(kind: FaultKind) -> Self {
        Self {
            kind,
            headers: Vec::new(),
            without: Vec::new(),
            links: None,
            times: None,
            skip: 0,
            page: None,
        }
    }

    /// Answers this status and does nothing else.
    pub fn status(code: u16) -> Self {
        let message = match code {
            401 => "Bad credentials",
            403 => "Resource not accessible by personal access token",
            404 => "Not Found",
            410 => "This issue was deleted",
            429 => "Too Many Requests",
            502 => "Server Error",
            503 => "Service Unavailable",
            _ => "Something went wrong while executing your request.",
        };
        Self::of(FaultKind::Status(
            code,
            json!({"message": message, "documentation_url": "https://docs.github.com/rest", "status": code.to_string()}),
        ))
    }

    /// The hourly limit is used up until `reset`. GitHub uses 403 and 429 for it.
    pub fn primary_limit(code: u16, reset: Timestamp) -> Self {
        Self::of(FaultKind::Status(code, primary_limit_body(1)))
            .header("x-ratelimit-remaining", "0")
            .header("x-ratelimit-reset", &reset.as_second().to_string())
    }

    /// Too many requests at once. GitHub uses 403 and 429 for it, and often tells nobody how many seconds to wait.
    pub fn secondary_limit(code: u16, retry_after: Option<u32>) -> Self {
        let fault = Self::of(FaultKind::Status(
            code,
            json!({
                "message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
                "documentation_url":
                    "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
            }),
        ));
        match retry_after {
            Some(seconds) => fault.header("retry-after", &seconds.to_string()),
            None => fault,
        }
    }

    /// Answers this status without a body, and does nothing else.
    pub fn empty(code: u16) -> Self {
        Self::of(FaultKind::Status(code, Value::Null))
    }

    /// Never answers.
    pub fn hang() -> Self {
        Self::of(FaultKind::Hang)
    }

    /// Sends half of the true answer and closes the connection.
    pub fn break_off() -> Self {
        Self::of(FaultKind::BreakOff)
    }

    /// Answers truly, but late.
    pub fn delay(by: Duration) -> Self {
        Self::of(FaultKind::Delay(by))
    }

    /// Answers 200 with text that is no JSON.
    pub fn wrong_json() -> Self {
        Self::text("[{\"number\": 1, \"title\": ")
    }

    /// Answers 200 with this text in place of the truth.
    pub fn text(text: &str) -> Self {
        Self::of(FaultKind::Text(text.to_owned()))
    }

    /// Answers truly but for what is at this JSON pointer (`/0/user/login`): this value instead, or nothing.
    pub fn altered(pointer: &str, to: Option<Value>) -> Self {
        Self::of(FaultKind::Altered(pointer.to_owned(), to))
    }

    /// Answers truly, but with another text in place of each of this one, whatever that makes of the JSON.
    pub fn rewritten(from: &str, to: &str) -> Self {
        Self::of(FaultKind::Rewritten(from.to_owned(), to.to_owned()))
    }

    /// Answers truly; what comes after this changes headers of the answer.
    pub fn none() -> Self {
        Self::of(FaultKind::Truth)
    }

    /// Answers truly, but each page of a list names the next of `pages` as its next, and the last of them the first.
    pub fn circle_of_pages(pages: u64) -> Self {
        Self {
            links: Some(Links::Circle(pages.max(1))),
            ..Self::none()
        }
    }

    /// Answers truly, but each page of a list has a next one, without end.
    pub fn endless_pages() -> Self {
        Self {
            links: Some(Links::Endless),
            ..Self::none()
        }
    }

    /// Answers truly, but `Link` names this host (`https://other.example`), as behind a proxy that rewrites nothing.
    pub fn links_to(host: &str) -> Self {
        Self {
            links: Some(Links::Host(host.to_owned())),
            ..Self::none()
        }
    }

    /// Without this header, which GitHub sends otherwise. `date` is sent empty: the server would add one of its own.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.without.push(name.to_ascii_lowercase());
        self
    }

    /// With one more header (it replaces GitHub's own of that name).
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// For the next `requests` that match, then never again.
    #[must_use]
    pub fn times(mut self, requests: u32) -> Self {
        self.times = Some(requests);
        self
    }

    /// Only after `requests` that match went well.
    #[must_use]
    pub fn after(mut self, requests: u32) -> Self {
        self.skip = requests;
        self
    }

    /// Only for this page of a list (from 1).
    #[must_use]
    pub fn on_page(mut self, page: u64) -> Self {
        self.page = Some(page);
        self
    }
}

pub(crate) fn primary_limit_body(user: u64) -> Value {
    json!({
        "message": format!("API rate limit exceeded for user ID {user}."),
        "documentation_url":
            "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api",
    })
}

/// The faults that are on.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    next: u64,
    active: Vec<(FaultId, Pattern, Fault)>,
}

impl Faults {
    pub(crate) fn add(&mut self, route: &str, fault: Fault) -> FaultId {
        self.next += 1;
        let id = FaultId(self.next);
        self.active.push((id, Pattern::new(route), fault));
        id
    }

    pub(crate) fn end(&mut self, id: FaultId) {
        self.active.retain(|(known, _, _)| *known != id);
    }

    pub(crate) fn end_all(&mut self) {
        self.active.clear();
    }

    /// The fault that strikes a request, the oldest first; it is counted as used.
    pub(crate) fn strike(&mut self, method: &str, paths: [&str; 2], page: u64) -> Option<Fault> {
        let (_, _, fault) = self.active.iter_mut().find(|(_, pattern, fault)| {
            fault.times != Some(0)
                && fault.page.is_none_or(|wanted| wanted == page)
                && paths.iter().any(|path| pattern.matches(method, path))
        })?;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        if let Some(left) = &mut fault.times {
            *left -= 1;
        }
        Some(fault.clone())
    }
}
