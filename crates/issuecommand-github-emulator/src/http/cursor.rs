//! Pages by cursor, as for the issues of GitHub's biggest repositories: rows do not shift when issues close.

use axum::http::{StatusCode, header};
use serde_json::Value;

use super::call::Call;
use super::reply::{Answer, Reply, invalid, unprocessable};
use crate::model::Repo;
use crate::model::listing::Filter;
use crate::page::with;

/// Shows the rows after the given cursor, and links to the next ones.
pub(super) fn by_cursor(
    call: &Call,
    repo: &Repo,
    filter: &Filter,
    numbers: &[u64],
    address: &str,
    show: impl FnMut(&u64) -> Value,
) -> Answer {
    let page = call.page();
    let start = match call.param("after") {
        Some(cursor) => {
            let key = decode(cursor).ok_or_else(|| invalid("Issue", "after", "invalid"))?;
            filter.up_to(key, numbers, &repo.issues)
        }
        None if page.number > 1 => {
            return Err(unprocessable(
                "Pagination with the page parameter is not supported for large datasets, please use cursor based \
                 pagination (after/before)",
            ));
        }
        None => 0,
    };
    let rest = &numbers[start..];
    let rows = &rest[..rest.len().min(page.size)];
    let reply = Reply::new(StatusCode::OK, rows.iter().map(show).collect());
    let last = rows.last().and_then(|number| repo.issue(*number));
    Ok(match last {
        Some(last) if rows.len() < rest.len() => {
            let (key, number) = filter.key(last);
            let next = (page.number + 1).to_string();
            let query = with(
                &call.query,
                &[("after", &format!("{key:x}-{number:x}")), ("page", &next)],
            );
            reply.with(header::LINK, &format!("<{address}?{query}>; rel=\"next\""))
        }
        _ => reply,
    })
}

/// The sort key of the last row of the previous page.
fn decode(cursor: &str) -> Option<(i64, u64)> {
    let (key, number) = cursor.split_once('-')?;
    Some((
        i64::from_str_radix(key, 16).ok()?,
        u64::from_str_radix(number, 16).ok()?,
    ))
}
