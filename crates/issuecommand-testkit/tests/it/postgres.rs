//! A temporary PostgreSQL leaves nothing behind.

use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use issuecommand_testkit::postgres::{Durability, Server};

/// Set for the process that only starts a server and waits for its end.
const ROLE: &str = "ISSUECOMMAND_TEST_HOLDS_A_SERVER";

fn is_there(process: u32) -> bool {
    // The shell's built-in `kill`, because not every machine has the program.
    let asked = Command::new("sh")
        .args(["-c", "kill -0 \"$0\"", &process.to_string()])
        .stderr(Stdio::null())
        .status();
    asked.unwrap().success()
}

/// Waits until both the process and its folder are gone.
fn is_gone(process: u32, socket: &Path) {
    let begun = Instant::now();
    let folder = socket.parent().unwrap();
    while is_there(process) || folder.exists() {
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "{}",
            folder.display()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_server_is_gone_when_it_is_dropped() {
    let Some(server) = Server::start(Durability::None) else {
        return;
    };
    let (process, socket) = (server.process(), server.socket());
    assert!(is_there(process) && UnixStream::connect(&socket).is_ok());
    drop(server);
    is_gone(process, &socket);
}

#[test]
fn a_restarted_server_is_another_process_on_the_same_data() {
    let Some(server) = Server::start(Durability::Full) else {
        return;
    };
    let database = server.database();
    let before = server.process();
    server.restart();
    assert_ne!(server.process(), before);
    // This would fail if the database were missing.
    drop(database);
}

#[test]
fn a_server_is_gone_when_its_process_is_killed() {
    if std::env::var_os(ROLE).is_some() {
        let server = Server::start(Durability::None).unwrap();
        eprintln!("server {} {}", server.process(), server.socket().display());
        std::thread::sleep(Duration::from_hours(1));
    }
    if Server::start(Durability::None).is_none() {
        return;
    }
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "postgres::a_server_is_gone_when_its_process_is_killed",
            "--nocapture",
        ])
        .env(ROLE, "1")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(holder.stderr.take().unwrap());
    let said = said.lines().map(Result::unwrap);
    let line = said
        .into_iter()
        .find(|line| line.starts_with("server "))
        .unwrap();
    let words: Vec<&str> = line.split(' ').collect();
    let (process, socket): (u32, PathBuf) = (words[1].parse().unwrap(), words[2].into());
    assert!(is_there(process) && UnixStream::connect(&socket).is_ok());
    holder.kill().unwrap();
    holder.wait().unwrap();
    is_gone(process, &socket);
}
