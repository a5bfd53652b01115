//! When a client is killed, its process ends, even if another process has inherited the pipe.
#![cfg(unix)]

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use issuecommand_testkit::machine::skipped;
use issuecommand_testkit::prove::rounds;
use serde_json::json;

use crate::harness::{PATIENCE, Program, Site, path_of, wait_for};

/// The limit for all of them together.
const GONE_WITHIN: Duration = Duration::from_secs(10);

/// A client that started a program and will be killed.
struct Client {
    shell: Child,
    program: u32,
    /// Kept open, so that the program never reads EOF.
    _pipe: File,
}

fn client(site: &Site, n: u32) -> Client {
    let pipe = site.folder().join(format!("pipe-{n}"));
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let said = site.folder().join(format!("said-{n}"));
    let mut shell = site
        .program(Program::Mcp)
        .shell(
            r#""$0" < "$1" > "$2" & echo $!; wait"#,
            &[path_of(Program::Mcp).as_path(), &pipe, &said],
        )
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Both ends, so that opening does not wait for the program.
    let mut open = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&pipe)
        .unwrap();
    let mut line = String::new();
    BufReader::new(shell.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "tests", "version": "1" } } });
    writeln!(open, "{hello}").unwrap();
    wait_for("the program to answer", PATIENCE, || {
        let said = std::fs::read_to_string(&said).unwrap_or_default();
        said.contains("serverInfo").then_some(())
    });
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    writeln!(open, "{ready}").unwrap();
    Client {
        shell,
        program: line.trim().parse().unwrap(),
        _pipe: open,
    }
}

/// Whether the process runs. A zombie does not.
fn runs(process: u32) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat"));
    let state = stat
        .ok()
        .and_then(|stat| stat.rsplit_once(')')?.1.trim_start().chars().next());
    state.is_some_and(|state| state != 'Z')
}

#[test]
fn prove_no_orphan_stays() {
    if !Path::new("/proc/self/stat").exists() {
        skipped("this system shows no processes under /proc");
        return;
    }
    let site = Site::with_issues("acme/harbour", 3);
    let mut clients: Vec<Client> = (0..rounds(5, 50)).map(|n| client(&site, n)).collect();
    // By then each has read its parent process id.
    std::thread::sleep(Duration::from_secs(2));
    for client in &mut clients {
        assert!(runs(client.program), "it ends only when its client does");
        client.shell.kill().unwrap();
        client.shell.wait().unwrap();
    }
    let begun = Instant::now();
    for client in &clients {
        wait_for("an orphan to end", PATIENCE, || {
            (!runs(client.program)).then_some(())
        });
    }
    let took = begun.elapsed();
    eprintln!("{} orphans were gone after {took:?}", clients.len());
    assert!(took < GONE_WITHIN, "{took:?}");
}
