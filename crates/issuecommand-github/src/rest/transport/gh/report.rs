//! Reads the output of `gh api --include` as an answer of GitHub.

use issuecommand_core::domain::failure::GithubErrorKind;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, LOCATION};

use super::super::{FailureCause, RawResponse, TransportError};

/// The number of requests from which redirects count as a loop.
const CIRCLE: usize = 10;
/// The line by which `gh` names a request.
const REQUEST: &str = "* Request to ";

/// The output of a finished process.
#[derive(Debug)]
pub(super) struct GhOutput {
    /// The exit code; `None` after a signal.
    pub(super) code: Option<i32>,
    pub(super) out: Vec<u8>,
    pub(super) err: Vec<u8>,
}

impl GhOutput {
    /// The answer, with a body of at most `cap` bytes. A redirect that `gh` followed is returned as a redirect, whatever its
    /// target answered, because the caller decides whether to follow.
    pub(super) fn reply(self, cap: usize) -> Result<RawResponse, TransportError> {
        let hops = self.hops();
        if let [_, .., target] = hops.as_slice() {
            return redirected(target, hops.len());
        }
        let Some((status, headers, length)) = head(&self.out) else {
            return Err(self.failure(!hops.is_empty()));
        };
        if hops.is_empty() {
            // There may have been a redirect that is not visible here.
            let words = "gh did not say which request it made; is it another version?".to_owned();
            return Err(TransportError::unreachable(words));
        }
        let body = self.out[length..].to_vec();
        let broken = if body.len() > cap {
            Some(TransportError::too_long())
        } else if status.is_success() && self.code != Some(0) {
            Some(self.failure(true))
        } else {
            None
        };
        Ok(RawResponse {
            status,
            headers,
            body: if broken.is_some() { Vec::new() } else { body },
            broken,
        })
    }

    /// The last error line, without the URL of the request.
    pub(super) fn complaint(&self) -> String {
        let text = String::from_utf8_lossy(&self.err);
        let mut lines = text.lines().map(str::trim);
        let last = lines.rfind(|line| !line.is_empty() && !line.starts_with("* "));
        let last = last.unwrap_or("gh failed and did not say why");
        match last.split_once("\": ") {
            Some((address, words)) if address.contains("://") => words.to_owned(),
            _ => last.to_owned(),
        }
    }

    /// Every URL that was requested, in order.
    fn hops(&self) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.err);
        let hops = text.lines().filter_map(|line| line.strip_prefix(REQUEST));
        hops.map(|hop| hop.trim().to_owned()).collect()
    }

    fn failure(&self, sent: bool) -> TransportError {
        TransportError {
            transient: sent,
            sent,
            ..TransportError::unreachable(self.complaint())
        }
    }
}

fn redirected(target: &str, hops: usize) -> Result<RawResponse, TransportError> {
    let unreadable = |words: &str| TransportError {
        kind: GithubErrorKind::Unexpected,
        words: words.to_owned(),
        why: FailureCause::Answer,
        transient: false,
        sent: true,
    };
    if hops >= CIRCLE {
        return Err(unreadable("too many redirects"));
    }
    let target =
        HeaderValue::from_str(target).map_err(|_| unreadable("a redirect that cannot be read"))?;
    Ok(RawResponse {
        status: StatusCode::MOVED_PERMANENTLY,
        headers: [(LOCATION, target)].into_iter().collect(),
        body: Vec::new(),
        broken: None,
    })
}

/// The status and headers at the start of the output, and their length. Lines may end in LF or CR LF.
fn head(out: &[u8]) -> Option<(StatusCode, HeaderMap, usize)> {
    let mut length = 0;
    let mut lines = out.split_inclusive(|byte| *byte == b'\n').map(|line| {
        length += line.len();
        str::from_utf8(line).map(str::trim_end)
    });
    let first = lines.next()?.ok()?;
    let (version, rest) = first.split_once(' ')?;
    let status = rest.split(' ').next()?.parse().ok()?;
    if !version.starts_with("HTTP/") {
        return None;
    }
    let mut headers = HeaderMap::new();
    loop {
        let line = lines.next()?.ok()?;
        if line.is_empty() {
            break;
        }
        // An unreadable header is skipped; those used here are readable.
        if let Some((name, value)) = line.split_once(':')
            && let Ok(name) = name.parse::<HeaderName>()
            && let Ok(value) = value.trim().parse::<HeaderValue>()
        {
            headers.append(name, value);
        }
    }
    drop(lines);
    Some((status, headers, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The output format of Debian's gh 2.23.
    const HEAD: &str = "HTTP/2.0 200 OK\nEtag: W/\"abc\"\r\nLink: <http://a/?page=2>; rel=\"next\"\r\nX-Two: a, b\r\n\r\n";
    const ASKED: &str = "* Request at 2026-11-22 13:52:31 +0000 UTC m=+0.08\n* Request to http://a/b?c=1\n* Request took 5ms\n";

    fn report(code: i32, out: &str, err: &str) -> GhOutput {
        GhOutput {
            code: Some(code),
            out: out.into(),
            err: err.into(),
        }
    }

    fn failed(report: GhOutput) -> TransportError {
        report.reply(1000).expect_err("no answer")
    }

    #[test]
    fn a_response_is_parsed_from_ghs_output() {
        let reply = report(0, &format!("{HEAD}[1,\r\n\r\n2]"), ASKED)
            .reply(1000)
            .unwrap();
        assert_eq!(
            (reply.status, reply.body.as_slice()),
            (StatusCode::OK, &b"[1,\r\n\r\n2]"[..])
        );
        assert_eq!(reply.headers["etag"], "W/\"abc\"");
        assert_eq!(reply.headers["link"], "<http://a/?page=2>; rel=\"next\"");
        assert!(reply.broken.is_none());
    }

    #[test]
    fn a_refusal_is_an_answer_though_gh_fails_by_it() {
        let not_found = "HTTP/1.1 404 Not Found\nContent-Type: application/json\r\n\r\n{\"message\":\"Not Found\"}";
        let err = format!("{ASKED}gh: Not Found (HTTP 404)\n");
        let reply = report(1, not_found, &err).reply(1000).unwrap();
        assert_eq!(reply.status, StatusCode::NOT_FOUND);
        assert_eq!(reply.body, b"{\"message\":\"Not Found\"}");
        let unchanged = report(1, "HTTP/1.1 304 Not Modified\nEtag: \"x\"\r\n\r\n", ASKED);
        assert_eq!(
            unchanged.reply(1000).unwrap().status,
            StatusCode::NOT_MODIFIED
        );
    }

    #[test]
    fn a_truncated_or_oversized_response_is_an_error() {
        let broken = report(
            1,
            &format!("{HEAD}[1,"),
            &format!("{ASKED}unexpected EOF\n"),
        );
        let reply = broken.reply(1000).unwrap();
        let broken = reply.broken.unwrap();
        assert_eq!(
            (reply.body.len(), broken.words.as_str(), broken.transient),
            (0, "unexpected EOF", true)
        );
        let long = report(0, &format!("{HEAD}{}", "x".repeat(11)), ASKED)
            .reply(10)
            .unwrap();
        assert_eq!(long.broken.unwrap().kind, GithubErrorKind::Unexpected);
    }

    #[test]
    fn a_followed_redirect_is_reported_as_301() {
        let err = format!("{ASKED}* Request to http://a/elsewhere\n");
        let reply = report(0, &format!("{HEAD}[]"), &err).reply(1000).unwrap();
        assert_eq!(reply.status, StatusCode::MOVED_PERMANENTLY);
        assert_eq!(
            (&reply.headers[LOCATION], reply.body.len()),
            (&HeaderValue::from_static("http://a/elsewhere"), 0)
        );
        let circle = format!("{}Get \"/b\": stopped after 10 redirects", ASKED.repeat(10));
        assert_eq!(failed(report(1, "", &circle)).words, "too many redirects");
    }

    #[test]
    fn without_a_response_the_last_stderr_line_is_the_error_without_query() {
        let err = format!(
            "{ASKED}Get \"http://a/b?c=1\": dial tcp 127.0.0.1:1: connect: connection refused\n"
        );
        let broken = failed(report(1, "", &err));
        assert_eq!(
            broken.words,
            "dial tcp 127.0.0.1:1: connect: connection refused"
        );
        assert_eq!(
            (broken.kind, broken.transient),
            (GithubErrorKind::Unreachable, true)
        );
        let unsent = failed(report(1, "", "unknown flag: --include\n"));
        assert!(!unsent.sent && !unsent.transient);
        for out in [
            "",
            "HTTP",
            "HTTP/1.1",
            "HTTP/1.1 abc\n\n",
            "HTTP/1.1 200 OK\nA: b\r\n",
            "[1]",
        ] {
            failed(report(0, out, ASKED));
        }
        failed(report(0, HEAD, ""));
    }
}
