//! A stand-in for GitHub's command `gh`, for tests on machines without it. It supports what IssueCommand uses: `gh --version`,
//! `gh auth token --hostname HOST`, and `gh api` for an absolute address with `--include`, `--method`, `--header` and `--input
//! -`. Redirects, output, exit codes and logins are as in gh; the test `gh::comparison` compares the two. Anything else panics
//! with its name, so that no test depends on a guess.
#![allow(
    clippy::disallowed_methods,
    reason = "tests spawn callers and read what CI tells them"
)]
#![allow(clippy::unwrap_used, reason = "a program of the tests")]

mod answer;
mod exchange;
mod login;
mod request;

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::time::Instant;

use reqwest::Url;

use self::answer::Answer;
use self::exchange::{exchange, go_words};
use self::request::Request;

/// Go's HTTP client gives up after so many requests in a row.
const MOST_REQUESTS: usize = 10;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--version"] => say("gh version 0.0.0 (a stand-in)\n"),
        ["auth", "token", "--hostname", host] => match login::token(host) {
            Some(token) => say(&format!("{token}\n")),
            None => complain("no oauth token"),
        },
        ["api", options @ ..] => api(options),
        other => panic!("the stand-in does not play `gh {}`", other.join(" ")),
    }
}

fn say(text: &str) -> ExitCode {
    // The reader may have closed the pipe.
    let _ = io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn complain(text: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "{text}");
    ExitCode::FAILURE
}

fn api(options: &[&str]) -> ExitCode {
    if !login::is_any() {
        complain("To get started with GitHub CLI, please run:  gh auth login");
        complain(
            "Alternatively, populate the GH_TOKEN environment variable with a GitHub API authentication token.",
        );
        return ExitCode::from(4);
    }
    let mut request = Request::parse(options);
    if request.reads_stdin {
        let mut body = Vec::new();
        io::stdin().read_to_end(&mut body).unwrap();
        request.body = Some(body);
    }
    match follow(request) {
        Ok((answer, method)) => answer.print(&method),
        Err(words) => complain(&words),
    }
}

/// The response at the end of all redirects, with the method of the last request.
fn follow(mut request: Request) -> Result<(Answer, String), String> {
    // Go names the method of the first request, whichever failed, and writes it like a word: `Get`.
    let (first, rest) = request.method.split_at(1);
    let verb = format!("{first}{}", rest.to_lowercase());
    let mut location = String::new();
    for _ in 0..MOST_REQUESTS {
        let failed = |words: String| failure(&verb, &request.url, &words);
        let answer = traced(&request).map_err(failed)?;
        let Some(target) = answer.redirect_of(&request) else {
            return Ok((answer, request.method));
        };
        let (url, written) = target.map_err(failed)?;
        request.go_to(answer.status, url);
        location = written;
    }
    Err(format!(
        "{verb} \"{location}\": stopped after {MOST_REQUESTS} redirects"
    ))
}

/// One request, printed on stderr if `GH_DEBUG` is set. The error is the reason for a missing response.
fn traced(request: &Request) -> Result<Answer, String> {
    let debug = std::env::var("GH_DEBUG").unwrap_or_default();
    assert!(
        !debug.contains("api"),
        "the stand-in does not play GH_DEBUG={debug}"
    );
    let trace = |line: String| {
        if !matches!(debug.as_str(), "" | "0" | "false" | "no") {
            let _ = writeln!(io::stderr(), "* {line}");
        }
    };
    let begun = Instant::now();
    trace("Request at an unknown time".to_owned());
    trace(format!("Request to {}", request.url));
    let answer = exchange(request).map_err(|error| go_words(&error, &request.url));
    if let Err(words) = &answer {
        trace(words.clone());
    }
    trace(format!("Request took {:?}", begun.elapsed()));
    answer
}

/// gh's message for a missing response.
fn failure(verb: &str, url: &Url, words: &str) -> String {
    if words.starts_with("lookup ") {
        let host = url.host_str().unwrap_or_default();
        return format!(
            "error connecting to {host}\n{words}\ncheck your internet connection or https://githubstatus.com"
        );
    }
    format!("{verb} \"{url}\": {words}")
}

/// An address, or the error in it.
fn parsed(address: &str, base: Option<&Url>) -> Result<Url, String> {
    let parsed = Url::options().base_url(base).parse(address);
    parsed.map_err(|error| {
        format!("failed to parse Location header \"{address}\": parse \"{address}\": {error}")
    })
}
