//! What every request passes before its page: by which name it came, from which page, and the headers of its answer.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::page;
use crate::state::Web;

/// Scripts and styles come from this server alone, and nothing is sent elsewhere or shown in a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// How a browser came here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SiteAddress {
    /// The name and port in its address bar.
    pub(crate) host: String,
    /// Whether by HTTPS, through a proxy.
    pub(crate) secure: bool,
}

impl SiteAddress {
    fn of(request: &Request, trusts_proxy: bool) -> Self {
        let header = |name: &str| request.headers().get(name)?.to_str().ok();
        let authority = || {
            request
                .uri()
                .authority()
                .map(|authority| authority.as_str())
        };
        let host = header("host").or_else(authority).unwrap_or_default();
        let scheme = header("x-forwarded-proto").and_then(|list| list.split(',').next());
        Self {
            host: host.to_ascii_lowercase(),
            secure: trusts_proxy
                && scheme.is_some_and(|it| it.trim().eq_ignore_ascii_case("https")),
        }
    }

    /// The host without its port.
    fn name(&self) -> &str {
        let end_of_name = self.host.rfind(']').unwrap_or(0);
        match self.host[end_of_name..].rfind(':') {
            Some(colon) => &self.host[..end_of_name + colon],
            None => &self.host,
        }
    }

    /// The port of the address; 80 or 443 without one.
    pub(crate) fn port(&self) -> u16 {
        let default = if self.secure { 443 } else { 80 };
        let port = self.host.get(self.name().len() + 1..);
        port.and_then(|port| port.parse().ok()).unwrap_or(default)
    }

    /// Whether one of these names is meant. A name with a port is one with that port alone.
    fn is_one_of(&self, names: &[String]) -> bool {
        let bare = self.name().trim_matches(['[', ']']);
        names.iter().any(|name| {
            let name = name.to_ascii_lowercase();
            name == self.host || name.trim_matches(['[', ']']) == bare
        })
    }
}

/// The layer in front of all pages.
pub(crate) async fn guard(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let options = web.options();
    let reached = SiteAddress::of(&request, options.trusts_proxy);
    let keeps = request.uri().path().starts_with("/ui/assets/");
    let response = if !options.allowed_hosts.is_empty()
        && !reached.is_one_of(&options.allowed_hosts)
    {
        let host = reached.host.chars().take(100).collect::<String>();
        tracing::debug!(name: "web.foreign_host", host, "a request to the dashboard was refused for its Host");
        let words = format!(
            "The dashboard is not served under the name {host:?}. Its operator can add the name to MCP_ALLOWED_HOSTS, which is the list \
             of names for /mcp and for the dashboard."
        );
        page::refusal(StatusCode::FORBIDDEN, "Not under this name", &words)
    } else if !request.method().is_safe() && !is_same_origin(request.headers(), &reached) {
        let words = "This form was not sent by a page of the dashboard, so that nothing was done. Open the dashboard and try again there.";
        page::refusal(StatusCode::FORBIDDEN, "Sent from another page", words)
    } else if !is_known(request.method()) {
        page::refusal(
            StatusCode::METHOD_NOT_ALLOWED,
            "No such method",
            "Pages take GET, HEAD and POST.",
        )
    } else {
        request.extensions_mut().insert(reached);
        next.run(request).await
    };
    with_headers(response, keeps)
}

fn is_known(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::POST].contains(method)
}

/// Whether a page of this very address sent the request. Browsers say so by `Sec-Fetch-Site`, which no page can set; where they send
/// none (over HTTP to another machine) by `Origin`.
fn is_same_origin(headers: &HeaderMap, reached: &SiteAddress) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    let origin = headers
        .get(header::ORIGIN)
        .and_then(|origin| origin.to_str().ok());
    let host = origin
        .and_then(|origin| origin.split_once("://"))
        .map(|(_, host)| host);
    host.is_some_and(|host| !host.is_empty() && host.eq_ignore_ascii_case(&reached.host))
}

fn with_headers(mut response: Response, keeps: bool) -> Response {
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    // Not `no-referrer`: by that browsers would send the `Origin` of our own forms as `null`.
    set(header::REFERRER_POLICY, "same-origin");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    if !keeps {
        set(header::CACHE_CONTROL, "no-store");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(host: &str) -> SiteAddress {
        SiteAddress {
            host: host.to_owned(),
            secure: false,
        }
    }

    #[test]
    fn a_host_is_taken_apart() {
        for (host, name, port) in [
            ("localhost", "localhost", 80),
            ("localhost:3100", "localhost", 3100),
            ("[::1]:3100", "[::1]", 3100),
            ("[::1]", "[::1]", 80),
            ("", "", 80),
        ] {
            assert_eq!(
                (reached(host).name(), reached(host).port()),
                (name, port),
                "{host}"
            );
        }
    }

    #[test]
    fn names_are_compared_with_and_without_port() {
        let names = ["localhost", "::1", "desk.example:8080"].map(str::to_owned);
        for good in [
            "localhost",
            "localhost:3100",
            "[::1]:3100",
            "desk.example:8080",
        ] {
            assert!(reached(good).is_one_of(&names), "{good}");
        }
        for bad in [
            "",
            "localhost.evil.example",
            "desk.example",
            "desk.example:81",
            "evil.example:3100",
        ] {
            assert!(!reached(bad).is_one_of(&names), "{bad}");
        }
    }

    #[test]
    fn only_pages_of_this_address_send_forms() {
        let is = |headers: &[(&'static str, &'static str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, HeaderValue::from_static(value));
            }
            is_same_origin(&map, &reached("desk.example:3100"))
        };
        assert!(is(&[("sec-fetch-site", "same-origin")]));
        assert!(is(&[("origin", "http://desk.example:3100")]));
        for bad in [
            &[][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "http://desk.example:3100"),
            ],
            &[("origin", "http://desk.example")],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
        ] {
            assert!(!is(bad), "{bad:?}");
        }
    }
}
