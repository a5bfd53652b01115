//! Requests through `gh api`, GitHub's own command, which may have a login, a proxy or a socket that is unknown here. Each
//! request is a process: arguments without a shell, the token only in its environment, killed on a timeout.

mod report;

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use issuecommand_core::domain::failure::GithubErrorKind;
use reqwest::{Url, header::HeaderMap};
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use self::report::GhOutput;
use super::{FailureCause, RawRequest, RawResponse, Transport, TransportError};

/// The timeout of commands that ask `gh` about itself.
const PROBE: Duration = Duration::from_secs(5);
/// The most bytes that `gh` may print besides a body: the head of an answer, or error messages.
const TALK: usize = 256 << 10;
/// The variables from which `gh` reads a token. A token that is not meant for it must not reach it.
const TOKENS: [&str; 4] = [
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GH_ENTERPRISE_TOKEN",
    "GITHUB_ENTERPRISE_TOKEN",
];

/// The program and its additional environment. `Debug` hides the values, because they may be secret.
#[derive(Clone)]
pub struct Gh {
    /// A path, or a name to look up in PATH.
    pub program: PathBuf,
    /// Variables to set.
    pub environment: Vec<(OsString, OsString)>,
}

impl Default for Gh {
    /// The `gh` of the PATH, in our environment.
    fn default() -> Self {
        Self {
            program: "gh".into(),
            environment: Vec::new(),
        }
    }
}

impl fmt::Debug for Gh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.environment.iter().map(|(name, _)| name).collect();
        f.debug_struct("Gh")
            .field("program", &self.program)
            .field("environment", &names)
            .finish()
    }
}

impl Gh {
    /// Whether the program exists.
    #[expect(clippy::disallowed_methods, reason = "PATH, to find gh")]
    pub fn is_there(&self) -> bool {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let bare = self.program.components().count() == 1;
        if bare {
            std::env::split_paths(&path).any(|folder| folder.join(&self.program).is_file())
        } else {
            self.program.is_file()
        }
    }

    /// The version, such as `2.23.0`.
    ///
    /// # Errors
    /// The reason why it cannot be used.
    pub async fn version(&self) -> Result<String, String> {
        let mut command = self.command(None);
        command.arg("--version");
        let report = GhOutput::of(command, None, PROBE, TALK)
            .await
            .map_err(|broken| broken.words)?;
        let text = String::from_utf8_lossy(&report.out);
        text.strip_prefix("gh version ")
            .and_then(|rest| rest.split_whitespace().next())
            .map(str::to_owned)
            .ok_or_else(|| "its answer to --version is not that of GitHub's gh".to_owned())
    }

    /// Whether `gh` reports that it has no login for the GitHub at this base. An unclear answer is left to the first request.
    pub async fn lacks_login(&self, base: &str) -> bool {
        let Some(host) = Url::parse(base).ok().and_then(|url| host(&url)) else {
            return false;
        };
        let mut command = self.command(None);
        command.args(["auth", "token", "--hostname", &host]);
        let report = GhOutput::of(command, None, PROBE, TALK).await;
        report.is_ok_and(|report| {
            report.code != Some(0) && report.complaint().contains("no oauth token")
        })
    }

    /// A command with our token, or without it for gh's own login.
    fn command(&self, token: Option<(&Url, &SecretString)>) -> Command {
        let mut command = Command::new(&self.program);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        // GITHUB_TOKEN is a setting of IssueCommand, so `gh` must not inherit it. A token for `gh` is set below.
        command.env_remove("GITHUB_TOKEN");
        if let Some((base, token)) = token {
            for name in TOKENS {
                command.env_remove(name);
            }
            command.env(variable(base), token.expose_secret());
        }
        for name in ["GH_FORCE_TTY", "CLICOLOR_FORCE", "DEBUG"] {
            command.env_remove(name);
        }
        command
            // Makes `gh` print each request, so that the redirects that it follows are visible.
            .env("GH_DEBUG", "1")
            .env("GH_NO_UPDATE_NOTIFIER", "1")
            .env("GH_PROMPT_DISABLED", "1")
            .env("NO_COLOR", "1")
            .kill_on_drop(true);
        command
    }
}

/// The host name under which `gh` keeps the login for a base.
fn host(base: &Url) -> Option<String> {
    let host = base.host_str()?;
    let host = host.strip_prefix("api.").unwrap_or(host);
    Some(match base.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// The variable whose token `gh` sends to this base, and to no other kind of GitHub host.
fn variable(base: &Url) -> &'static str {
    let host = base.host_str().unwrap_or_default();
    let of_github = ["github.com", "ghe.com"]
        .iter()
        .any(|domain| host == *domain || host.ends_with(&format!(".{domain}")));
    if of_github {
        "GH_TOKEN"
    } else {
        "GH_ENTERPRISE_TOKEN"
    }
}

/// The transport over `gh api`.
#[derive(Debug)]
pub(in crate::rest) struct GhTransport {
    pub(in crate::rest) gh: Gh,
    pub(in crate::rest) base: Url,
    pub(in crate::rest) timeout: Duration,
}

#[async_trait]
impl Transport for GhTransport {
    async fn send(
        &self,
        request: &RawRequest,
        token: Option<&SecretString>,
        cap: usize,
    ) -> Result<RawResponse, TransportError> {
        let mut command = self.gh.command(token.map(|token| (&self.base, token)));
        command
            .args(["api", "--include", "--method", request.method.as_str()])
            .args(headers(&request.headers));
        if request.body.is_some() {
            command.args(["--input", "-"]);
        }
        command.arg(request.url.as_str());
        let body = request.body.as_deref();
        let report = GhOutput::of(command, body, self.timeout, cap + TALK).await?;
        match report.code {
            Some(4) => Err(TransportError {
                kind: GithubErrorKind::Refused,
                words: format!(
                    "gh has no login for {}",
                    host(&self.base).unwrap_or_default()
                ),
                why: FailureCause::Credential,
                transient: false,
                sent: false,
            }),
            _ => report.reply(cap),
        }
    }
}

fn headers(headers: &HeaderMap) -> impl Iterator<Item = String> {
    let readable = headers
        .iter()
        .filter_map(|(name, value)| Some((name, value.to_str().ok()?)));
    readable.flat_map(|(name, value)| ["--header".to_owned(), format!("{name}: {value}")])
}

impl GhOutput {
    /// Runs a command to its end, within a time limit and a limit of its output.
    async fn of(
        mut command: Command,
        input: Option<&[u8]>,
        timeout: Duration,
        most: usize,
    ) -> Result<Self, TransportError> {
        let cannot = |error: io::Error| TransportError {
            sent: false,
            ..TransportError::unreachable(format!("gh cannot be run: {error}"))
        };
        command
            .stdin(if input.is_some() {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(cannot)?;
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let talk = async {
            let write = async {
                if let (Some(mut stdin), Some(input)) = (stdin, input) {
                    // A failed write is ignored: the process reports the reason by its exit.
                    let _ = stdin.write_all(input).await;
                }
            };
            let (out, err, ()) = tokio::join!(read(stdout, most), read(stderr, TALK), write);
            let Some(out) = out.map_err(cannot)? else {
                return Err(TransportError::too_long());
            };
            let code = child.wait().await.map_err(cannot)?.code();
            let err = err.map_err(cannot)?.unwrap_or_default();
            Ok(Self { code, out, err })
        };
        tokio::time::timeout(timeout, talk)
            .await
            .unwrap_or_else(|_| {
                let words = format!("gh gave no answer in {} ms", timeout.as_millis());
                Err(TransportError::unreachable(words))
            })
    }
}

/// Everything from a pipe; `None` if it exceeds the limit.
async fn read(pipe: Option<impl AsyncRead + Unpin>, most: usize) -> io::Result<Option<Vec<u8>>> {
    let mut said = Vec::new();
    if let Some(pipe) = pipe {
        let most = u64::try_from(most).unwrap_or(u64::MAX - 1);
        pipe.take(most + 1).read_to_end(&mut said).await?;
    }
    Ok((said.len() <= most).then_some(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reaches_the_github_that_it_is_for() {
        for (base, at, named) in [
            ("https://api.github.com", "github.com", "GH_TOKEN"),
            ("https://api.acme.ghe.com", "acme.ghe.com", "GH_TOKEN"),
            (
                "https://ghe.example/api/v3",
                "ghe.example",
                "GH_ENTERPRISE_TOKEN",
            ),
            (
                "https://notgithub.com",
                "notgithub.com",
                "GH_ENTERPRISE_TOKEN",
            ),
            (
                "http://127.0.0.1:4000",
                "127.0.0.1:4000",
                "GH_ENTERPRISE_TOKEN",
            ),
        ] {
            let base = Url::parse(base).unwrap();
            assert_eq!(host(&base).as_deref(), Some(at));
            assert_eq!(variable(&base), named, "{base}");
        }
    }

    #[test]
    fn neither_the_token_nor_a_shell_is_in_the_arguments() {
        let (gh, base) = (Gh::default(), Url::parse("https://api.github.com").unwrap());
        let token = SecretString::from("ghp_canary");
        let command = gh.command(Some((&base, &token)));
        let command = command.as_std();
        assert_eq!(
            (command.get_program(), command.get_args().count()),
            ("gh".as_ref(), 0)
        );
        let set: Vec<_> = command.get_envs().collect();
        assert!(set.contains(&("GH_TOKEN".as_ref(), Some("ghp_canary".as_ref()))));
        for name in &TOKENS[1..] {
            assert!(set.contains(&(name.as_ref(), None)), "{name}");
        }
    }
}
