//! `cargo xtask package`: the bundle for Claude Desktop (`.mcpb`) and the entry of the MCP registry (`server.json`), made from a
//! given program. It needs the programs `zip` and `sha256sum`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use serde_json::{Value, json};

use crate::repo::{self, Outcome};

#[derive(Args)]
pub(crate) struct PackageArgs {
    /// The program, built for release; the platform of this machine must be its own
    #[arg(long, default_value = "target/release/issuecommand")]
    binary: PathBuf,
    /// The folder that gets the files; it is made
    #[arg(long, default_value = "target/package")]
    out: PathBuf,
    /// The GitHub account under whose name the registry has it
    #[arg(long)]
    owner: String,
    /// Where the bundle will be downloaded from, without its name
    #[arg(long, value_name = "URL")]
    download: String,
}

const WHAT: &str = "Hands GitHub issues to coding agents, each to exactly one";

pub(crate) fn run(args: &PackageArgs) -> Outcome {
    let said = repo::stdout_of(Command::new(&args.binary).arg("--version"))?;
    let version = said
        .split_whitespace()
        .last()
        .ok_or("the program says no version")?
        .to_owned();
    let name = format!(
        "issuecommand-{version}-{}-{}.mcpb",
        std::env::consts::OS,
        std::env::consts::ARCH
    );
    let bundle = absolute(&args.out)?.join(&name);
    let content = bundle.with_extension("content");
    if content.exists() {
        fs::remove_dir_all(&content).map_err(in_words(&content))?;
    }
    if bundle.exists() {
        fs::remove_file(&bundle).map_err(in_words(&bundle))?;
    }
    let server = content.join("server");
    fs::create_dir_all(&server).map_err(in_words(&server))?;
    let program = format!("issuecommand{}", std::env::consts::EXE_SUFFIX);
    fs::copy(&args.binary, server.join(&program)).map_err(in_words(&args.binary))?;
    write(
        &content.join("manifest.json"),
        &manifest(&version, &program),
    )?;
    repo::run(
        Command::new("zip")
            .args(["-q", "-X", "-r"])
            .arg(&bundle)
            .args(["manifest.json", "server"])
            .current_dir(&content),
    )?;
    let sum = repo::stdout_of(Command::new("sha256sum").arg(&bundle))?;
    let sum = sum
        .split_whitespace()
        .next()
        .ok_or("sha256sum says nothing")?;
    let entry = server_json(&args.owner, &version, &args.download, &name, sum);
    write(&args.out.join("server.json"), &entry)?;
    eprintln!(
        "{}\n{}",
        bundle.display(),
        args.out.join("server.json").display()
    );
    Ok(())
}

/// The manifest of the bundle, in version 0.3 of its format.
fn manifest(version: &str, program: &str) -> Value {
    let asked = |title: &str, description: &str, kind: &str, sensitive: bool| json!({"type": kind, "title": title, "description": description, "sensitive": sensitive, "required": false});
    let platform = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    json!({
        "manifest_version": "0.3",
        "name": "issuecommand",
        "display_name": "IssueCommand",
        "version": version,
        "description": WHAT,
        "author": {"name": "IssueCommand"},
        "license": "MIT OR Apache-2.0",
        "server": {
            "type": "binary",
            "entry_point": format!("server/{program}"),
            "mcp_config": {
                "command": format!("${{__dirname}}/server/{program}"),
                "args": [],
                "env": {
                    "GITHUB_TOKEN": "${user_config.github_token}",
                    "API_KEY": "${user_config.api_key}",
                    "SQLITE_PATH": "${user_config.database}",
                },
            },
        },
        "tools_generated": true,
        "user_config": {
            "github_token": asked("GitHub token", "A token that sees the repositories; empty where gh is logged in", "string", true),
            "api_key": asked("Key of HTTP", "What other agents must show to the HTTP service of this machine", "string", true),
            "database": {
                "type": "string",
                "title": "Database",
                "description": "The file that all agents of this machine share",
                "default": "${HOME}/issuecommand.db",
                "required": false,
            },
        },
        "compatibility": {"platforms": [platform]},
    })
}

/// The entry of the registry, in its schema of 2025-12-11.
fn server_json(owner: &str, version: &str, download: &str, bundle: &str, sum: &str) -> Value {
    json!({
        "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
        "name": format!("io.github.{owner}/issuecommand"),
        "title": "IssueCommand",
        "description": WHAT,
        "version": version,
        "packages": [{
            "registryType": "mcpb",
            "identifier": format!("{}/{bundle}", download.trim_end_matches('/')),
            "version": version,
            "fileSha256": sum,
            "transport": {"type": "stdio"},
        }],
    })
}

fn write(path: &Path, value: &Value) -> Outcome {
    fs::write(path, format!("{value:#}\n")).map_err(in_words(path))
}

fn absolute(path: &Path) -> Outcome<PathBuf> {
    std::path::absolute(path).map_err(in_words(path))
}

fn in_words(path: &Path) -> impl Fn(std::io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_of_the_bundle_is_described_and_used() {
        let manifest = manifest("1.2.3", "issuecommand");
        let env = manifest["server"]["mcp_config"]["env"].to_string();
        let asked = manifest["user_config"].as_object().unwrap();
        for (name, question) in asked {
            assert!(
                !question["description"].as_str().unwrap().is_empty(),
                "{name}"
            );
            assert!(
                env.contains(&format!("${{user_config.{name}}}")),
                "{name} in {env}"
            );
        }
    }

    #[test]
    fn the_entry_names_the_bundle_by_address_and_sum() {
        let entry = server_json("acme", "1.2.3", "https://example.com/v1/", "a.mcpb", "00ff");
        assert_eq!(entry["name"], "io.github.acme/issuecommand");
        assert_eq!(
            entry["packages"][0]["identifier"],
            "https://example.com/v1/a.mcpb"
        );
        assert_eq!(entry["packages"][0]["fileSha256"], "00ff");
    }
}
