//! The cases: an emulated GitHub in some state, and the request to gh.

use issuecommand_github_emulator::{Fault, World};

pub(super) const ISSUE: &str = "/repos/acme/app/issues/1";
const CLOSE: &str = "{\"state\": \"closed\"}";
pub(super) const TOKEN: &str = "GH_ENTERPRISE_TOKEN";
/// Placeholder in addresses, headers and variables for the address of the GitHub.
pub(super) const GITHUB: &str = "{github}";

/// The environment and the request of a case.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) options: Vec<String>,
    pub(super) body: Option<String>,
    pub(super) environment: Vec<(&'static str, String)>,
    /// The content of gh's file with logins.
    pub(super) logins: Option<&'static str>,
    pub(super) change: fn(&mut World),
    pub(super) fault: Option<Fault>,
    /// The status and target of a redirect at the issue.
    pub(super) redirect: Option<(u16, &'static str)>,
    /// Whether both must print the same body. IssueCommand ignores the body of a truncated response.
    pub(super) body_counts: bool,
    /// Whether both must print the same error message.
    pub(super) words_count: bool,
}

impl Case {
    pub(super) fn get(name: &str, address: &str) -> Self {
        Self {
            name: name.to_owned(),
            address: match address.strip_prefix('/') {
                Some(path) => format!("{GITHUB}/{path}"),
                None => address.to_owned(),
            },
            options: vec!["--method".to_owned(), "GET".to_owned()],
            body: None,
            environment: vec![(TOKEN, "test-token".to_owned())],
            logins: None,
            change: |_| {},
            fault: None,
            redirect: None,
            body_counts: true,
            words_count: true,
        }
    }

    fn write(name: &str, method: &str, address: &str, body: &str) -> Self {
        let mut case = Self::get(name, address).header("content-type: application/json");
        method.clone_into(&mut case.options[1]);
        case.body = Some(body.to_owned());
        case
    }

    fn header(mut self, header: &str) -> Self {
        self.options
            .extend(["--header".to_owned(), header.to_owned()]);
        self
    }

    fn change(self, change: fn(&mut World)) -> Self {
        Self { change, ..self }
    }

    fn fault(self, fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..self
        }
    }

    fn redirect(self, status: u16, target: &'static str) -> Self {
        Self {
            redirect: Some((status, target)),
            ..self
        }
    }

    fn environment(mut self, environment: &[(&'static str, &str)]) -> Self {
        let owned = environment
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        self.environment = owned.collect();
        self
    }

    fn logins(self, logins: &'static str) -> Self {
        Self {
            logins: Some(logins),
            ..self.environment(&[])
        }
    }
}

/// Every case.
pub(super) fn all() -> Vec<Case> {
    let groups = [
        reads(),
        refusals(),
        writes(),
        logins(),
        ways(),
        statuses(),
        redirects(),
    ];
    groups.into_iter().flatten().collect()
}

fn reads() -> Vec<Case> {
    vec![
        Case::get("an issue", ISSUE).header("accept: application/vnd.github+json"),
        Case::get("no headers of its own", ISSUE),
        Case::get("a name of its own", ISSUE)
            .header("user-agent: tests/1.0")
            .header("x-github-api-version: 2022-11-28"),
        Case::get(
            "a page with links",
            "/repos/acme/app/issues?state=all&per_page=1&page=2",
        ),
        Case::get(
            "a query with signs",
            "/search/issues?q=repo%3Aacme%2Fapp+%C3%BC&per_page=1",
        ),
        Case::get("half of a list", ISSUE).fault(Fault::wrong_json()),
        Case::get("no text at all", ISSUE).fault(Fault::text("")),
        Case::get("text that is no JSON", ISSUE).fault(Fault::text("<html>größer</html>\r\n\r\n")),
        Case {
            body_counts: false,
            ..Case::get("an answer that broke off", ISSUE).fault(Fault::break_off())
        },
    ]
}

fn transferred(world: &mut World) {
    world.transfer_issue("acme/app", 1, "acme/other");
}

fn renamed(world: &mut World) {
    world.rename_repo("acme/app", "acme/product");
}

fn refusals() -> Vec<Case> {
    let sign_on = "required; url=https://a.example/?b=c";
    vec![
        Case::get("an issue that is nowhere", "/repos/acme/app/issues/99"),
        Case::get("an issue that was deleted", ISSUE)
            .change(|world| world.delete_issue("acme/app", 1)),
        Case::get("an issue that was transferred", ISSUE).change(transferred),
        Case::get("an issue of a renamed repository", ISSUE).change(renamed),
        Case::get("a token that is not known", ISSUE).environment(&[(TOKEN, "wrong")]),
        Case::get("no limit left", ISSUE).change(|world| world.set_rate_limit(0)),
        Case::get("a limit for a while", ISSUE).fault(Fault::secondary_limit(429, Some(30))),
        Case::get("single sign-on", ISSUE)
            .fault(Fault::status(403).header("x-github-sso", sign_on)),
    ]
}

fn writes() -> Vec<Case> {
    let comments = "/repos/acme/app/issues/1/comments";
    let long = format!("{{\"body\": \"{}\"}}", "x".repeat(60_000));
    vec![
        Case::write("an issue is closed", "PATCH", ISSUE, CLOSE),
        Case::write("a closed issue is closed", "PATCH", ISSUE, CLOSE)
            .change(|world| world.close_issue("acme/app", 1)),
        Case::write(
            "one of a renamed repository is closed",
            "PATCH",
            ISSUE,
            CLOSE,
        )
        .change(renamed),
        Case::write("one that was transferred is closed", "PATCH", ISSUE, CLOSE)
            .change(transferred),
        Case::write(
            "what GitHub does not take",
            "PATCH",
            ISSUE,
            "{\"state\": 1}",
        ),
        Case::write("what is no JSON", "PATCH", ISSUE, "{"),
        Case::write("a comment", "POST", comments, "{\"body\": \"größer\\n\"}"),
        Case::write("a long comment", "POST", comments, &long),
        Case::write("nothing to write", "POST", comments, ""),
    ]
}

fn logins() -> Vec<Case> {
    let two = "other.example:\n    oauth_token: wrong\n    user: a\n\
               {host}:\n    user: b\n    oauth_token: test-token\n";
    let second = "GITHUB_ENTERPRISE_TOKEN";
    vec![
        Case::get("no login", ISSUE).environment(&[]),
        Case::get("an empty variable", ISSUE).environment(&[(TOKEN, "")]),
        Case::get("a login for another GitHub", ISSUE).environment(&[("GH_TOKEN", "test-token")]),
        Case::get("a second variable", ISSUE).environment(&[(second, "test-token")]),
        Case::get("two variables", ISSUE).environment(&[(second, "wrong"), (TOKEN, "test-token")]),
        Case::get("a login of its own", ISSUE)
            .logins("{host}:\n    oauth_token: test-token\n    user: a\n    git_protocol: https\n"),
        Case::get("a login of its own elsewhere", ISSUE)
            .logins("other.example:\n    oauth_token: test-token\n    user: a\n"),
        Case::get("two logins of its own", ISSUE).logins(two),
    ]
}

fn ways() -> Vec<Case> {
    let login = (TOKEN, "test-token");
    let proxy = ("http_proxy", GITHUB);
    let nowhere = ("http_proxy", "http://127.0.0.1:1");
    let excepted = ("no_proxy", "a.example,github.invalid");
    vec![
        Case::get(
            "a proxy",
            "http://github.invalid/repos/acme/app/issues/1?a=b",
        )
        .environment(&[login, proxy]),
        Case::get("a proxy that is not for this machine", ISSUE).environment(&[login, nowhere]),
        Case::get("a proxy with an exception", "http://github.invalid/")
            .environment(&[login, proxy, excepted]),
        Case::get("a name that leads nowhere", "http://github.invalid/"),
        Case::get("nobody there", "http://127.0.0.1:1/user?a=b"),
    ]
}

fn statuses() -> Vec<Case> {
    let statuses = [
        201, 204, 300, 301, 302, 304, 307, 400, 401, 403, 404, 410, 418, 422, 429, 451, 500, 502,
        503,
    ];
    let both = statuses.map(|status| {
        let name = format!("status {status}");
        [
            Case::get(&name, ISSUE).fault(Fault::status(status)),
            Case::write(&name, "PATCH", ISSUE, CLOSE).fault(Fault::status(status)),
        ]
    });
    both.into_iter().flatten().collect()
}

fn redirects() -> Vec<Case> {
    let mut cases = Vec::new();
    for status in [300, 301, 302, 303, 304, 305, 307, 308] {
        for target in [
            "{github}/repos/acme/app/issues/2",
            "/repos/acme/app/issues/2?a=b",
            "2",
            "",
            "{github}/repos/acme/app/issues/99",
            "{github}/repos/acme/app/issues/1",
            "http://127.0.0.1:1/there",
            "http://github.invalid/there",
        ] {
            let name = format!("{status} to `{target}`");
            cases.push(Case::get(&name, ISSUE).redirect(status, target));
            cases.push(Case::write(&name, "PATCH", ISSUE, CLOSE).redirect(status, target));
        }
    }
    let broken = Case::get("a redirect to what is no address", ISSUE).redirect(301, "http://[::1");
    cases.push(Case {
        words_count: false,
        ..broken
    });
    cases
}
