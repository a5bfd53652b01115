//! Checks the token, GitHub, the remaining rate limit, and the clock.

use std::sync::Arc;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::GithubErrorKind;
use issuecommand_core::domain::policy::Authors;
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::ports::github::GitHub;
use issuecommand_github::{Backend, Listing, Probe, Rest};

use super::Finding;
use crate::clock::SystemClock;
use crate::github;
use crate::settings::Settings;
use crate::start_report;

const TOKEN: &str = "token";
const GITHUB: &str = "github";
const REPOS: &str = "repositories";
/// The most names of `ALLOWED_REPOS` that are requested.
const NAMES_ASKED: usize = 50;

/// The clock offsets that give a warning and a failure. GitHub's time has whole seconds, and the request takes time too.
const CLOCK_WARN: Millis = Millis::seconds(10);
const CLOCK_FAIL: Millis = Millis::minutes(5);

pub(super) async fn look(settings: &Settings) -> Vec<Finding> {
    let mut github = match github::choose(settings).await {
        Ok(github) => github,
        Err(error) => {
            return vec![Finding::fail(
                TOKEN,
                error.to_string(),
                "make one at https://github.com/settings/tokens, or log in with gh auth login",
            )];
        }
    };
    if github.token.is_some() {
        // gh's own login must not hide a problem of the token.
        github.backend = Backend::Rest;
    }
    let base = &settings.github.base;
    let clock = Arc::new(SystemClock);
    let rest = match Rest::new(&github, clock) {
        Ok(rest) => rest,
        Err(error) => {
            let remedy = "in a minimal image install CA certificates";
            return vec![Finding::fail(GITHUB, error.to_string(), remedy)];
        }
    };
    match rest.probe().await {
        Ok(probe) => {
            let mut findings = answered(base, &probe, SystemClock.now());
            if let Ok(login) = rest.viewer().await {
                findings.push(Finding::ok(TOKEN, format!("it is {login}'s")));
            }
            // Without a remaining rate limit GitHub would refuse every further request, for the reason already reported.
            if probe.budget.is_none_or(|(left, _)| left > 0) {
                findings.extend(repositories(&rest, settings).await);
            }
            findings
        }
        Err(error) => vec![match error.kind {
            GithubErrorKind::Refused => Finding::fail(
                TOKEN,
                format!("{base} refuses GITHUB_TOKEN: {}", error.detail),
                "it has expired, was revoked, or waits to be authorised for single sign-on: make a new one at \
                 https://github.com/settings/tokens",
            ),
            GithubErrorKind::Limited => Finding::fail(
                GITHUB,
                format!("{base} limits us: {}", error.detail),
                "wait; another program may use up this token's budget",
            ),
            GithubErrorKind::NotFound
            | GithubErrorKind::Unreachable
            | GithubErrorKind::Unexpected
            | GithubErrorKind::TooMany => Finding::fail(
                GITHUB,
                format!("{base} gives no good answer: {}", error.detail),
                "look at GITHUB_API_URL, at the network and its proxy (HTTPS_PROXY), and at https://www.githubstatus.com",
            ),
        }],
    }
}

fn answered(base: &str, probe: &Probe, now: Timestamp) -> Vec<Finding> {
    let mut findings = vec![
        Finding::ok(GITHUB, format!("{base} answers")),
        scopes(probe.scopes.as_deref()),
    ];
    findings.extend(probe.budget.map(|(left, of)| budget(left, of)));
    findings.push(clock(probe.time, now));
    findings
}

/// Whether GitHub shows repositories to work on: all that the credential sees, or the configured ones.
async fn repositories(rest: &Rest, settings: &Settings) -> Vec<Finding> {
    let name_them = "name the repositories to work on: ALLOWED_REPOS=owner/name,owner/name";
    let Scope::Only(names) = &settings.allowed else {
        return vec![match rest.listing().await {
            Ok(Listing::Fine) => {
                Finding::ok(REPOS, "all repositories that the token sees can be listed")
            }
            Ok(Listing::TooMany(many)) => Finding::fail(
                REPOS,
                format!(
                    "the token sees more than {many} repositories; at most 10,000 are listed, so none is offered"
                ),
                name_them,
            ),
            Ok(Listing::Refused) => Finding::fail(
                REPOS,
                "the token may not list repositories, as that of an App's installation may not, so none is offered",
                name_them,
            ),
            Err(error) => Finding::warn(
                REPOS,
                format!("the repositories cannot be listed now: {}", error.detail),
                "look again later",
            ),
        }];
    };
    let (mut findings, mut found) = (Vec::new(), Vec::new());
    let anyone = settings.policy.readiness.authors == Authors::Anyone;
    let mut told = false;
    for name in names.iter().take(NAMES_ASKED) {
        findings.extend(match rest.repo(name).await {
            Ok(facts) if facts.name != *name => Some(Finding::warn(
                REPOS,
                format!(
                    "ALLOWED_REPOS names {name}, which is called {} now",
                    facts.name
                ),
                format!("write {} in ALLOWED_REPOS", facts.name),
            )),
            Ok(facts) if facts.archived => Some(Finding::warn(
                REPOS,
                start_report::no_work(name),
                "take it out of ALLOWED_REPOS, or switch its issues on",
            )),
            Ok(facts) if !facts.private && anyone && !told => {
                told = true;
                found.push(name.as_str());
                Some(Finding::warn(
                    REPOS,
                    start_report::trusts_strangers(&facts.name),
                    "set READY_AUTHORS=auto, and FEEDBACK_AUTHORS=auto for reviews and comments",
                ))
            }
            Ok(_) => {
                found.push(name.as_str());
                None
            }
            Err(error) if matches!(error.status, Some(403 | 404 | 451)) => Some(Finding::fail(
                REPOS,
                format!(
                    "ALLOWED_REPOS names {name}, which the token cannot see: {}",
                    error.detail
                ),
                "give the token access to it, or take it out of ALLOWED_REPOS",
            )),
            Err(error) => Some(Finding::warn(
                REPOS,
                format!("GitHub cannot be asked for {name} now: {}", error.detail),
                "look again later",
            )),
        });
    }
    if !found.is_empty() {
        let says = format!(
            "found of what ALLOWED_REPOS names ({} of {}): {}",
            found.len(),
            names.len(),
            found.join(", ")
        );
        findings.insert(0, Finding::ok(REPOS, says));
    }
    findings
}

/// `repo` includes `public_repo`; `admin:org` and `write:org` include `read:org`.
fn scopes(scopes: Option<&[String]>) -> Finding {
    let Some(scopes) = scopes else {
        return Finding::ok(
            TOKEN,
            "GitHub takes it, and does not tell what it may do (a fine-grained token needs issues and pull requests read and \
             write, metadata read)",
        );
    };
    let has = |wanted: &[&str]| scopes.iter().any(|scope| wanted.contains(&scope.as_str()));
    let listed = if scopes.is_empty() {
        "none".to_owned()
    } else {
        scopes.join(", ")
    };
    let remedy = "give it the scopes repo and read:org at https://github.com/settings/tokens";
    if has(&["repo"]) && has(&["read:org", "write:org", "admin:org"]) {
        Finding::ok(TOKEN, format!("GitHub takes it, with the scopes {listed}"))
    } else if has(&["repo", "public_repo"]) {
        let says = format!(
            "its scopes are {listed}: without repo private repositories are not seen, without read:org those of organisations \
             may be missing"
        );
        Finding::warn(TOKEN, says, remedy)
    } else {
        let says = format!("its scopes are {listed}: it cannot work on issues");
        Finding::fail(TOKEN, says, remedy)
    }
}

fn budget(left: i64, of: i64) -> Finding {
    let says = format!("{left} of {of} requests are left in this hour");
    let remedy = "wait for the next hour; another program may use this token, too: give IssueCommand its own";
    if left <= 0 {
        Finding::fail("budget", says, remedy)
    } else if left < of / 10 {
        Finding::warn("budget", says, remedy)
    } else {
        Finding::ok("budget", says)
    }
}

fn clock(theirs: Option<Timestamp>, ours: Timestamp) -> Finding {
    let Some(theirs) = theirs else {
        return Finding::warn("clock", "GitHub did not tell its time", "look again later");
    };
    let off = (ours.0 - theirs.0).abs();
    let way = if ours > theirs { "ahead of" } else { "behind" };
    let says = format!("this machine's clock is {} s {way} GitHub's", off / 1000);
    let remedy = "let the machine keep its time by NTP (timedatectl set-ntp true)";
    if off >= CLOCK_FAIL.0 {
        Finding::fail("clock", says, remedy)
    } else if off >= CLOCK_WARN.0 {
        Finding::warn("clock", says, remedy)
    } else {
        Finding::ok("clock", "it agrees with GitHub's")
    }
}
