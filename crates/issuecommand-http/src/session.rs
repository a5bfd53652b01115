//! The session that a request comes from: the header `X-Session-Id`, or the member `session_id` of the body or query.

use axum::http::HeaderMap;
use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::session::{BadSessionId, CallerSession, SessionId, Transport};
use issuecommand_wire::{ApiError, Params};

const HEADER: &str = "x-session-id";
const MEMBER: &str = "session_id";

/// The caller in the session that its request names, and the parameters with a warning if they name another one.
///
/// # Errors
/// 400 for a text that is no session id.
pub(crate) fn in_session(
    caller: Caller,
    headers: &HeaderMap,
    params: Params,
) -> Result<(Caller, Params), ApiError> {
    let bad = |error: BadSessionId| ApiError::bad_request(format!("{error}."));
    let header = headers.get(HEADER).map(|value| {
        let text = value.to_str().map_err(|_| BadSessionId)?;
        SessionId::parse(text)
    });
    let header = header.transpose().map_err(bad)?;
    let member = params.raw_text(MEMBER).map(SessionId::parse);
    let member = member.transpose().map_err(bad)?;
    let differ = header.is_some() && member.is_some() && header != member;
    let warning = "session_id was ignored: the header X-Session-Id names another session.";
    let params = params.with_notes(differ.then(|| warning.to_owned()));
    let session = header.or(member).map(|id| CallerSession {
        id,
        agent: None,
        client: None,
        transport: Transport::Http,
        process: None,
    });
    Ok((Caller { session, ..caller }, params))
}
