//! The query of a list, and the page that it selects.

use axum::http::header;
use serde_json::Value;

use super::call::Call;
use super::reply::{Answer, Reply, invalid};
use crate::model::State;
use crate::model::listing::{Direction, FieldFilter, Filter, Kind, Sort};

/// Shows the requested page of `rows`; `address` is the list's own address by the repository's id.
pub(super) fn paged<T>(
    call: &Call,
    rows: &[T],
    address: &str,
    show: impl FnMut(&T) -> Value,
) -> Answer {
    paged_as(call, rows, address, show, Value::Array)
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "a handler ends with it: both ends of it are Answers"
)]
/// The same for a list inside an object.
pub(super) fn paged_as<T>(
    call: &Call,
    rows: &[T],
    address: &str,
    show: impl FnMut(&T) -> Value,
    wrap: impl FnOnce(Vec<Value>) -> Value,
) -> Answer {
    let page = call.page();
    let body = wrap(page.of(rows).iter().map(show).collect());
    let reply = Reply::new(axum::http::StatusCode::OK, body);
    Ok(match page.links(rows.len(), address, &call.query) {
        Some(links) => reply.with(header::LINK, &links),
        None => reply,
    })
}

/// The requested state: open by default, `None` for all.
pub(super) fn state(call: &Call) -> Result<Option<State>, Box<Reply>> {
    match call.param("state") {
        None | Some("open") => Ok(Some(State::Open)),
        Some("closed") => Ok(Some(State::Closed)),
        Some("all") => Ok(None),
        Some(_) => Err(invalid("Issue", "state", "invalid")),
    }
}

pub(super) fn direction(call: &Call, otherwise: Direction) -> Direction {
    match call.param("direction") {
        Some("asc") => Direction::Ascending,
        Some("desc") => Direction::Descending,
        _ => otherwise,
    }
}

/// The filter of a query of `/issues`.
pub(super) fn issue_filter(call: &Call) -> Result<Filter, Box<Reply>> {
    let milestone = match call.param("milestone") {
        None => FieldFilter::Anything,
        Some("none") => FieldFilter::Nothing,
        Some("*") => FieldFilter::Something,
        Some(number) => FieldFilter::Exactly(
            number
                .parse()
                .map_err(|_| invalid("Issue", "milestone", "invalid"))?,
        ),
    };
    let assignee = match call.param("assignee") {
        None => FieldFilter::Anything,
        Some("none") => FieldFilter::Nothing,
        Some("*") => FieldFilter::Something,
        Some(login) => FieldFilter::Exactly(login.to_owned()),
    };
    let issue_type = match call.param("type") {
        None => FieldFilter::Anything,
        Some("none") => FieldFilter::Nothing,
        Some("*") => FieldFilter::Something,
        Some(name) => FieldFilter::Exactly(name.to_owned()),
    };
    Ok(Filter {
        kind: Kind::Both,
        state: state(call)?,
        since: call.since()?,
        labels: call
            .param("labels")
            .map(comma_separated)
            .unwrap_or_default(),
        milestone,
        assignee,
        issue_type,
        creator: call.param("creator").map(str::to_owned),
        sort: match call.param("sort") {
            Some("updated") => Sort::Updated,
            Some("comments") => Sort::Comments,
            _ => Sort::Created,
        },
        direction: direction(call, Direction::Descending),
    })
}

/// The filter of a query of `/pulls`.
pub(super) fn pull_filter(call: &Call) -> Result<Filter, Box<Reply>> {
    let sort = match call.param("sort") {
        Some("updated") => Sort::Updated,
        Some("popularity") => Sort::Comments,
        _ => Sort::Created,
    };
    // GitHub's default direction is descending for every explicit sort but the default one.
    let otherwise = match call.param("sort") {
        None | Some("created") => Direction::Descending,
        Some(_) => Direction::Ascending,
    };
    Ok(Filter {
        kind: Kind::PullsOnly,
        state: state(call)?,
        sort,
        direction: direction(call, otherwise),
        ..Filter::default()
    })
}

fn comma_separated(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}
