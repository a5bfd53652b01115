//! `issuecommand doctor`: runs checks and says how to fix what fails. It changes nothing.

mod database;
mod github;
mod local;
mod neighbours;

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use issuecommand_config::SettingsError;
use serde_json::{Value, json};

use super::{Flags, block_on};
use crate::error::AppError;
use crate::output::print;
use crate::settings::Settings;

/// How to say what was found.
#[derive(Args, Clone, Debug)]
pub struct DoctorArgs {
    /// As JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Ok,
    /// It works, but may soon fail or could work better.
    Warn,
    /// It does not work.
    Fail,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    check: &'static str,
    verdict: Verdict,
    /// One sentence: what was found.
    says: String,
    /// How to fix it; empty if all is well.
    remedy: String,
}

impl Finding {
    /// The check, its verdict in a word, what was found and how to fix it.
    #[cfg(feature = "dashboard")]
    pub(crate) fn parts(self) -> (&'static str, &'static str, String, String) {
        (self.check, self.verdict.word(), self.says, self.remedy)
    }

    fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self::new(check, Verdict::Ok, says, "")
    }

    fn warn(check: &'static str, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(check, Verdict::Warn, says, remedy)
    }

    fn fail(check: &'static str, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(check, Verdict::Fail, says, remedy)
    }

    fn new(
        check: &'static str,
        verdict: Verdict,
        says: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            check,
            verdict,
            says: says.into(),
            remedy: remedy.into(),
        }
    }

    fn json(&self) -> Value {
        let mut line =
            json!({"check": self.check, "verdict": self.verdict.word(), "says": self.says});
        if !self.remedy.is_empty() {
            line["remedy"] = json!(self.remedy);
        }
        line
    }
}

/// Runs all checks and prints the results. The exit code is 1 if a check fails.
pub(super) fn main(args: DoctorArgs, before: Flags) -> ExitCode {
    let (settings, as_json) = (args.flags.over(before).settings(), args.json);
    block_on(async |_| {
        let findings = look(settings).await;
        let text = if as_json {
            said_as_json(&findings)
        } else {
            said(&findings)
        };
        print(&text)?;
        let failed = findings.iter().filter(|f| f.verdict == Verdict::Fail);
        match failed.count() {
            0 => Ok(()),
            count => Err(AppError::ChecksFailed(count)),
        }
    })
}

pub(crate) async fn look(settings: Result<Settings, SettingsError>) -> Vec<Finding> {
    let settings = match settings {
        Ok(settings) => settings,
        // The other checks need settings.
        Err(error) => {
            let remedy = "correct that setting; `issuecommand config show` says where each stands";
            return vec![Finding::fail("settings", error.to_string(), remedy)];
        }
    };
    let mut findings = vec![Finding::ok("settings", "they can be read")];
    findings.extend(settings.warnings.iter().map(|warning| {
        let remedy = "correct it, or take it away where it is meant for another program";
        Finding::warn("settings", warning, remedy)
    }));
    findings.extend(github::look(&settings).await);
    findings.extend(database::look(&settings).await);
    let place = settings
        .database()
        .map_or_else(|_| String::new(), |options| options.place());
    findings.extend(neighbours::look(&settings, &place));
    findings.extend(local::look(&settings, &place).await);
    findings
}

fn said(findings: &[Finding]) -> String {
    let mut text = String::new();
    let width = findings.iter().map(|f| f.check.len()).max().unwrap_or(0);
    for finding in findings {
        let (verdict, check) = (finding.verdict.word(), finding.check);
        writeln!(text, "{verdict:4}  {check:width$}  {}", finding.says)
            .expect("a String takes all text");
        if !finding.remedy.is_empty() {
            writeln!(text, "{:1$}-> {2}", "", width + 8, finding.remedy)
                .expect("a String takes all text");
        }
    }
    text
}

fn said_as_json(findings: &[Finding]) -> String {
    let worst = findings.iter().map(|finding| finding.verdict).max();
    let checks: Vec<Value> = findings.iter().map(Finding::json).collect();
    let verdict = worst.unwrap_or(Verdict::Ok).word();
    format!("{:#}\n", json!({"verdict": verdict, "checks": checks}))
}
