//! Faults that are injected into routes.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::pattern::Pattern;

/// A fault for the requests of a route, for ever or for a number of requests.
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
    /// This status with this body (none for null), without any effect.
    Status(u16, Value),
    /// 200 with this text instead of the real response.
    Text(String),
    /// No response; the connection stays open.
    Hang,
    /// The real response, cut off in the middle of its body.
    BreakOff,
    /// The real response, delayed.
    Delay(Duration),
    /// The real response with other headers.
    Truth,
    /// The real response with this value at this JSON pointer, or without the value there.
    Altered(String, Option<Value>),
    /// The real response with each occurrence of the first text replaced by the second.
    Rewritten(String, String),
}

/// The target of `Link` instead of the next page.
#[derive(Debug, Clone)]
pub(crate) enum Links {
    /// The last of so many pages links to the first.
    Circle(u64),
    /// There is always a next page.
    Endless,
    /// The real pages, at this host.
    Host(String),
}

/// The handle of a fault, to remove it.
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

    /// Answers this status without any effect.
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

    /// Too many requests at once. GitHub uses 403 and 429 for it, often without `Retry-After`.
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

    /// Answers this status without a body and without any effect.
    pub fn empty(code: u16) -> Self {
        Self::of(FaultKind::Status(code, Value::Null))
    }

    /// Never answers.
    pub fn hang() -> Self {
        Self::of(FaultKind::Hang)
    }

    /// Sends half of the real response and closes the connection.
    pub fn break_off() -> Self {
        Self::of(FaultKind::BreakOff)
    }

    /// Delays the real response.
    pub fn delay(by: Duration) -> Self {
        Self::of(FaultKind::Delay(by))
    }

    /// Answers 200 with invalid JSON.
    pub fn wrong_json() -> Self {
        Self::text("[{\"number\": 1, \"title\": ")
    }

    /// Answers 200 with this text.
    pub fn text(text: &str) -> Self {
        Self::of(FaultKind::Text(text.to_owned()))
    }

    /// Sets this value at this JSON pointer (`/0/user/login`) of the real response, or removes it.
    pub fn altered(pointer: &str, to: Option<Value>) -> Self {
        Self::of(FaultKind::Altered(pointer.to_owned(), to))
    }

    /// Replaces each occurrence of a text in the real response, even if that breaks the JSON.
    pub fn rewritten(from: &str, to: &str) -> Self {
        Self::of(FaultKind::Rewritten(from.to_owned(), to.to_owned()))
    }

    /// Sends the real response; the methods below change its headers.
    pub fn none() -> Self {
        Self::of(FaultKind::Truth)
    }

    /// Each page of a list names the next of `pages` as its next, and the last of them the first.
    pub fn circle_of_pages(pages: u64) -> Self {
        Self {
            links: Some(Links::Circle(pages.max(1))),
            ..Self::none()
        }
    }

    /// Each page of a list has a next one, without end.
    pub fn endless_pages() -> Self {
        Self {
            links: Some(Links::Endless),
            ..Self::none()
        }
    }

    /// `Link` names this host (`https://other.example`), as behind a proxy that rewrites nothing.
    pub fn links_to(host: &str) -> Self {
        Self {
            links: Some(Links::Host(host.to_owned())),
            ..Self::none()
        }
    }

    /// Removes this header. `date` is sent empty, because the server would otherwise add its own.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.without.push(name.to_ascii_lowercase());
        self
    }

    /// Adds or replaces a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Applies only to the next `requests` that match.
    #[must_use]
    pub fn times(mut self, requests: u32) -> Self {
        self.times = Some(requests);
        self
    }

    /// Applies only after `requests` matching requests.
    #[must_use]
    pub fn after(mut self, requests: u32) -> Self {
        self.skip = requests;
        self
    }

    /// Applies only to this page of a list (from 1).
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

/// The active faults.
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

    /// The oldest fault that matches a request; its use is counted.
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
