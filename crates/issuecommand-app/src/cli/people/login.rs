//! `issuecommand login`: remembers a service and the key for it.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Args;
use issuecommand_wire::call::SystemHealth;
use secrecy::SecretString;
use serde_json::json;

use super::channel::{Channel, Given, address};
use super::failure::Failure;
use super::hosts::{Host, Hosts};
use super::output::Output;
use super::terminal::{Typing, TypingMode};
use crate::cli::{Flags, block_on};

/// The longest key.
const LONGEST: usize = 4096;

/// Which service.
#[derive(Args, Clone, Debug)]
pub struct LoginArgs {
    /// Its address: https://ic.example.com
    #[arg(value_name = "URL")]
    url: String,
    /// Forget it and its key
    #[arg(long)]
    remove: bool,
    /// Print JSON; errors too
    #[arg(long)]
    json: bool,
}

/// Runs the command. The key comes from standard input, or from ISSUECOMMAND_KEY.
pub(super) fn main(args: &LoginArgs, before: Flags) -> ExitCode {
    let output = Output::of_process(args.json, true);
    let mut told = ExitCode::SUCCESS;
    let ended = block_on(async |stop| {
        let done = tokio::select! {
            done = run(args, before, &output) => done,
            () = stop.cancelled() => Err(Failure::failed("nothing was remembered")),
        };
        if let Err(failure) = done {
            told = failure.tell(&output);
        }
        Ok(())
    });
    if ended == ExitCode::SUCCESS {
        told
    } else {
        ended
    }
}

async fn run(args: &LoginArgs, before: Flags, output: &Output) -> Result<(), Failure> {
    let base = address(&args.url)?;
    let mut hosts = Hosts::of_user()?;
    if args.remove {
        return if hosts.forget(&base)? {
            said(
                output,
                &format!("{base} and its key are forgotten"),
                base.as_str(),
            )
        } else {
            Err(Failure::nothing(format!("{base} is not known here")))
        };
    }
    if base.scheme() == "http" && !is_this_machine(&base) {
        output.tell("note: the key travels unprotected over http; use https if the service has it");
    }
    let key = match before.settings()?.remote_key {
        Some(key) => key,
        None => read_key(&base).await?,
    };
    let channel = Channel::to(base.clone(), key.clone())?;
    channel.call::<SystemHealth>(Given::new()).await?;
    let path = hosts.remember(&Host {
        base: base.clone(),
        key,
    })?;
    said(
        output,
        &format!("signed in to {base}; the key is kept in {}", path.display()),
        base.as_str(),
    )
}

fn said(output: &Output, line: &str, base: &str) -> Result<(), Failure> {
    if output.json {
        return output.document(&json!({ "ok": true, "url": base, "message": line }));
    }
    output.result(&format!("{line}\n"))
}

fn is_this_machine(base: &url::Url) -> bool {
    match base.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// The first line of standard input; a terminal does not show it.
async fn read_key(base: &url::Url) -> Result<SecretString, Failure> {
    let terminal = io::stdin().is_terminal();
    let _hidden = terminal.then(|| TypingMode::begin(Typing::Hidden));
    if terminal {
        let question = format!("The key for {base} (issuecommand key create makes one there): ");
        // Without it the person waits for nothing.
        let _ = io::stderr().write_all(question.as_bytes());
    }
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        let limited = io::Read::take(io::stdin().lock(), LONGEST as u64 + 1);
        io::BufReader::new(limited).read_line(&mut line)?;
        io::Result::Ok(line)
    });
    let line = read.await.ok().and_then(Result::ok).unwrap_or_default();
    if terminal {
        let _ = io::stderr().write_all(b"\n");
    }
    let key = line.trim();
    if key.is_empty() {
        return Err(Failure::usage("no key was given")
            .hint("Give it on standard input, or in ISSUECOMMAND_KEY."));
    }
    if key.len() > LONGEST || key.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(Failure::usage(
            "this is no key: it is too long, or has blanks in it",
        ));
    }
    Ok(key.into())
}
