//! The id by which the log and the answers name a request: the caller's own, where it can stand in a line, else one of ours.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// How long an id may be.
const LONGEST: usize = 128;

/// Lets answers name the request that they are to.
pub(crate) async fn remember(request: Request, next: Next) -> Response {
    let id = of(&request).to_owned();
    CURRENT.scope(id, next.run(request)).await
}

/// The id of the request that is answered here.
pub(crate) fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Leaves out an id that is none, so that the next layer makes one.
pub(crate) async fn drop_malformed(mut request: Request, next: Next) -> Response {
    let headers = request.headers_mut();
    let mut given = headers.get_all(HEADER).iter();
    let good = given.next().filter(|id| is_good(id)).cloned();
    if good.is_none() || given.next().is_some() {
        headers.remove(HEADER);
        if let Some(good) = good {
            headers.insert(HEADER, good);
        }
    }
    next.run(request).await
}

fn is_good(id: &HeaderValue) -> bool {
    let id = id.as_bytes();
    (1..=LONGEST).contains(&id.len()) && id.iter().all(u8::is_ascii_graphic)
}

/// The id of a request that has passed here.
pub(crate) fn of(request: &Request) -> &str {
    let id = request.headers().get(HEADER);
    id.and_then(|id| id.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_of_1_to_128_visible_ascii_characters() {
        let is = |text: &[u8]| is_good(&HeaderValue::from_bytes(text).unwrap());
        assert!(is(b"a") && is(b"0af7651916cd43dd8448eb211c80319c-!~") && is(&[b'x'; 128]));
        for bad in [
            &b""[..],
            b"two words",
            b"tab\there",
            "\u{fc}".as_bytes(),
            b"\xff",
            &[b'x'; 129],
        ] {
            assert!(!is(bad), "{bad:?}");
        }
    }
}
