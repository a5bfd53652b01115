//! Compares the stand-in with the real gh if that is installed: both get the same requests for equal GitHubs, and must behave
//! the same.

mod cases;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use issuecommand_github::Gh;
use issuecommand_github_emulator::{Fault, GithubEmulator};
use issuecommand_testkit::machine::Program;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;

use self::cases::{Case, GITHUB, ISSUE, TOKEN};
use super::{real, stand_in};
use crate::setup::small_world;

/// Longer than any run takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// The observable result of a run, with the address of the GitHub replaced by [`GITHUB`].
#[derive(Debug, PartialEq, Eq)]
struct Run {
    code: Option<i32>,
    /// Its stdout, except for headers that differ between two GitHubs.
    out: String,
    /// The requests on stderr.
    named: Vec<String>,
    /// The last line of its error message.
    complaint: String,
    /// The requests received by the GitHub.
    arrived: Vec<String>,
}

async fn play(gh: &Gh, case: &Case) -> Run {
    let mut world = small_world();
    world.open_issue("acme/app", "Number 2 — größer");
    world.open_issue("acme/app", "Number 3");
    world.add_repo("acme/other");
    (case.change)(&mut world);
    let github = GithubEmulator::start(world).await;
    let fill = |text: &str| text.replace(GITHUB, github.url());
    if let Some(fault) = &case.fault {
        github.fault("/**", fault.clone());
    }
    if let Some((status, target)) = case.redirect {
        let fault = Fault::status(status).header("location", &fill(target));
        github.fault("/repos/acme/app/issues/1", fault);
    }
    let host = github.url().strip_prefix("http://").unwrap();
    let folder = TempDir::new().unwrap();
    if let Some(logins) = case.logins {
        let logins = logins.replace("{host}", host);
        std::fs::write(folder.path().join("hosts.yml"), logins).unwrap();
    }
    let mut command = bare(gh);
    command.arg("api").arg("--include").args(&case.options);
    command.env("GH_CONFIG_DIR", folder.path());
    command.envs(
        case.environment
            .iter()
            .map(|(name, value)| (name, fill(value))),
    );
    if case.body.is_some() {
        command.args(["--input", "-"]);
    }
    command.arg(fill(&case.address));
    let (code, out, err) = run(command, case.body.as_deref()).await;
    let plain = |text: &str| text.replace(github.url(), GITHUB).replace(host, GITHUB);
    let mut run = Run {
        code,
        out: plain(&without_counts(&out)),
        named: named(&err).map(plain).collect(),
        complaint: plain(complaint(&err)),
        arrived: arrived(&github).map(|request| plain(&request)).collect(),
    };
    if !case.body_counts {
        let head = run.out.find("\r\n\r\n").expect("a head");
        run.out.truncate(head);
    }
    if !case.words_count {
        assert_ne!(run.complaint, "");
        run.complaint.clear();
    }
    run
}

/// The program in an environment with only IssueCommand's variables.
fn bare(gh: &Gh) -> Command {
    let mut command = Command::new(&gh.program);
    command.env_clear();
    for name in ["PATH", "HOME"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    let of_gh = gh.environment.iter().cloned();
    let fixed = [
        ("GH_DEBUG", "1"),
        ("GH_NO_UPDATE_NOTIFIER", "1"),
        ("GH_PROMPT_DISABLED", "1"),
        ("NO_COLOR", "1"),
    ];
    command.envs(of_gh.chain(fixed.map(|(name, value)| (OsString::from(name), value.into()))));
    command
}

/// Its exit code, stdout and stderr.
async fn run(mut command: Command, body: Option<&str>) -> (Option<i32>, String, String) {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = piped
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // It may close its stdin before it is written.
    let _ = stdin.write_all(body.unwrap_or_default().as_bytes()).await;
    drop(stdin);
    let ended = timeout(PATIENCE, child.wait_with_output()).await;
    let output = ended.expect("it answers or gives up").unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// The output without the values of headers that differ between two GitHubs.
fn without_counts(out: &str) -> String {
    let Some((head, body)) = out.split_once("\r\n\r\n") else {
        return out.to_owned();
    };
    let varying = ["Etag", "Date", "Content-Length", "X-Ratelimit-Reset"];
    let lines = head.split('\n').map(|line| match line.split_once(": ") {
        Some((name, _)) if varying.contains(&name) => name,
        _ => line,
    });
    format!("{}\r\n\r\n{body}", lines.collect::<Vec<_>>().join("\n"))
}

fn named(err: &str) -> impl Iterator<Item = &str> {
    let lines = err.lines();
    lines.filter_map(|line| line.strip_prefix("* Request to "))
}

fn complaint(err: &str) -> &str {
    let last = err.lines().rfind(|line| !line.starts_with("* "));
    last.unwrap_or_default()
}

/// Every request without the headers that name the program.
fn arrived(github: &GithubEmulator) -> impl Iterator<Item = String> {
    github.requests().into_iter().map(|request| {
        let own = ["accept-encoding", "time-zone"];
        let mut headers = request.headers;
        headers.retain(|(name, value)| {
            !own.contains(&name.as_str()) && !value.starts_with("GitHub CLI ")
        });
        headers.sort();
        format!(
            "{} {} {:?} {headers:?}",
            request.method, request.path, request.query
        )
    })
}

/// The real gh, or a report that it is missing.
async fn real_or_skip() -> Option<Gh> {
    let gh = real().await;
    if gh.is_none() {
        Program::Gh.is_missing("there is no gh in the PATH to hold the stand-in against");
    }
    gh
}

#[tokio::test]
async fn both_do_the_same_in_every_case() {
    let Some(real) = real_or_skip().await else {
        return;
    };
    let stand_in = stand_in();
    let mut different = Vec::new();
    for case in cases::all() {
        let (theirs, ours) = tokio::join!(play(&real, &case), play(&stand_in, &case));
        if theirs != ours {
            let (name, options) = (&case.name, &case.options);
            different.push(format!(
                "{name} {options:?}\ngh: {theirs:#?}\nstand-in: {ours:#?}"
            ));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[tokio::test]
async fn both_receive_304() {
    let Some(real) = real_or_skip().await else {
        return;
    };
    let mut ends = Vec::new();
    for gh in [real, stand_in()] {
        let github = GithubEmulator::start(small_world()).await;
        let ask = async |header: &str| {
            let mut command = bare(&gh);
            let url = format!("{}{ISSUE}", github.url());
            command.args(["api", "--include", "--header", header, &url]);
            command.env(TOKEN, "test-token");
            run(command, None).await
        };
        let (_, first, _) = ask("accept: application/json").await;
        let etag = first.lines().find_map(|line| line.strip_prefix("Etag: "));
        let etag = etag.unwrap().trim();
        let (code, out, err) = ask(&format!("if-none-match: {etag}")).await;
        ends.push((code, without_counts(&out), complaint(&err).to_owned()));
    }
    assert_eq!(ends[0], ends[1]);
    assert!(ends[0].1.starts_with("HTTP/1.1 304"), "{ends:?}");
}

#[tokio::test]
async fn both_find_the_same_logins() {
    let Some(real) = real_or_skip().await else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let logins = "ghe.example:8443:\n    oauth_token: stored\n    user: octo\n";
    std::fs::write(folder.path().join("hosts.yml"), logins).unwrap();
    let variables = [
        "GH_TOKEN",
        "GITHUB_TOKEN",
        TOKEN,
        "GITHUB_ENTERPRISE_TOKEN",
        "NOTHING",
    ];
    for host in [
        "github.com",
        "ghe.example",
        "ghe.example:8443",
        "127.0.0.1:1",
    ] {
        for variable in variables {
            let mut ends = Vec::new();
            for gh in [&real, &stand_in()] {
                let mut command = bare(gh);
                command.args(["auth", "token", "--hostname", host]);
                command
                    .env("GH_CONFIG_DIR", folder.path())
                    .env(variable, "given");
                let (code, out, err) = run(command, None).await;
                // Later versions name the host as well.
                let none = complaint(&err).starts_with("no oauth token");
                ends.push((code, out, none));
            }
            assert_eq!(ends[0], ends[1], "{host} {variable}");
        }
    }
}

/// Answers every request with these bytes and ends the connection.
async fn speaking(bytes: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let _ = connection.read(&mut [0; 4096]).await;
            let _ = connection.write_all(bytes).await;
            let _ = connection.shutdown().await;
        }
    });
    address
}

/// Complete responses.
const WHOLE: [&[u8]; 8] = [
    b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-b: 1\r\nX-A:2\r\nx-b: 3\r\nSET-cookie:\r\n\r\n{}",
    b"HTTP/1.1 299 \r\nx_odd-name: 1\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"a\": 1}",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;a=b\r\n{\"\r\n5\r\na\":1}\r\n0\r\nt: u\r\n\r\n",
    b"HTTP/1.1 404 Not Found\r\ncontent-length: 5\r\n\r\nplain",
    b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\nnull",
    b"HTTP/1.1 422 No\r\ncontent-type: application/problem+json; charset=utf-8\r\ncontent-length: 44\r\n\r\n{\"errors\":[{\"message\":\"a\"},{\"message\":\"b\"}]}",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
];
/// Truncated responses, or responses that Go cannot parse.
const TORN: [&[u8]; 7] = [
    b"",
    b"hello\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-",
    b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n[1,",
    b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 3\r\n\r\n{\"m",
    b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 13\r\n\r\n{\"message\":1}",
];

#[tokio::test]
async fn both_read_the_same_from_other_servers() {
    let Some(real) = real_or_skip().await else {
        return;
    };
    for (bytes, is_whole) in WHOLE
        .map(|bytes| (bytes, true))
        .into_iter()
        .chain(TORN.map(|bytes| (bytes, false)))
    {
        let address = speaking(bytes).await;
        let mut ends = Vec::new();
        for gh in [&real, &stand_in()] {
            let mut command = bare(gh);
            command.args(["api", "--include", &format!("http://{address}/a")]);
            command.env(TOKEN, "a");
            let (code, mut out, err) = run(command, None).await;
            if !is_whole {
                let head = out.find("\r\n\r\n").unwrap_or_default();
                out.truncate(head);
            }
            let words = complaint(&err).to_owned();
            let words = if is_whole {
                words
            } else {
                (!words.is_empty()).to_string()
            };
            let asked: Vec<_> = named(&err).map(str::to_owned).collect();
            ends.push((code, out, words, asked));
        }
        assert_eq!(ends[0], ends[1], "{}", String::from_utf8_lossy(bytes));
    }
}
