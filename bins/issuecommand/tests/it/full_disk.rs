//! A full disk: the error messages, the calls that still work, and the recovery without a restart.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use issuecommand_testkit::machine::skipped;
use serde_json::json;

use crate::harness::{Http, Program, Site};

/// A small file system, unmounted when dropped.
struct Disk(tempfile::TempDir);

impl Disk {
    /// `None` if this user may not mount.
    fn new(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={size}");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder.path())
            .output();
        mounted
            .is_ok_and(|done| done.status.success())
            .then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// The messages of doctor, backup and export while the disk is full.
fn the_operator_is_told_what_is_full(site: &Site, disk: &Disk, path: &Path, address: &str) {
    let doctor = |path: &Path, port: &str| {
        let output = site
            .program(Program::Combined)
            .env("SQLITE_PATH", path.to_str().unwrap())
            .env("HTTP_PORT", port)
            .args(&["doctor"])
            .output();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let port = address.rsplit(':').next().unwrap();
    let found = doctor(path, port);
    for (check, words) in [
        ("writing", "its disk is full"),
        ("port", "goes on by itself"),
    ] {
        let line = found
            .lines()
            .find(|line| line.starts_with(&format!("fail  {check} ")));
        assert!(
            line.is_some_and(|line| line.contains(words)),
            "{check}: {found}"
        );
    }
    assert!(
        found.contains("make room on the disk") && !found.contains("restarted"),
        "{found}"
    );
    let found = doctor(&disk.path().join("new.db"), "0");
    assert!(
        found.contains("fail  database") && found.contains("its disk is full"),
        "{found}"
    );
    assert!(!disk.path().join("new.db").exists());

    // A backup or export without space on its own disk is not the database's fault, and leaves no file behind.
    let whole = site.folder().join("whole.db");
    for suffix in ["", "-wal"] {
        let of = |path: &Path| format!("{}{suffix}", path.display());
        std::fs::copy(of(path), of(&whole)).unwrap();
    }
    for command in ["backup", "export"] {
        let to = disk.path().join(format!("{command}.out"));
        let output = site
            .program(Program::Combined)
            .env("SQLITE_PATH", whole.to_str().unwrap())
            .args(&[command, to.to_str().unwrap()])
            .output();
        assert_eq!(output.status.code(), Some(1), "{command}: {output:?}");
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(
            words.contains(to.to_str().unwrap())
                && words.contains("full")
                && !words.contains("the database cannot"),
            "{command}: {words}"
        );
        assert!(!to.exists(), "{command} left a file");
    }
}

#[test]
fn a_full_disk_is_reported_and_reads_continue() {
    let Some(disk) = Disk::new("12m") else {
        skipped("this user may not mount a file system");
        return;
    };
    let site = Site::with_issues("acme/harbour", 300);
    let path = disk.path().join("issues.db");
    let mut service = site
        .program(Program::Http)
        .env("SQLITE_PATH", path.to_str().unwrap())
        .start();
    let address = service.address();
    let http = Http::at(&address);
    let take = |agent: &str| http.post("/api/next", &json!({ "agent_id": agent }));
    assert_eq!(take("ann").status, 200);
    assert_eq!(http.get("/readyz").status, 200);

    let filler = disk.path().join("filler");
    let outcome = std::fs::write(&filler, vec![0_u8; 64 << 20]);
    assert!(outcome.is_err(), "the disk is not full");
    // The rest of the log may still take a few writes.
    let deadline = Instant::now() + Duration::from_mins(1);
    let mut n = 0;
    let refused = loop {
        n += 1;
        let reply = take(&format!("agent-{n}"));
        if reply.status != 200 {
            break reply;
        }
        assert!(Instant::now() < deadline, "the disk takes all");
    };
    assert_eq!(refused.status, 503, "{}", refused.body);
    let said = refused.body["message"].as_str().unwrap();
    assert!(
        said.contains("cannot be written to: its disk is full") && said.contains("only reads"),
        "{said}"
    );
    let ready = http.get("/readyz");
    assert_eq!(
        (ready.status, &ready.body["reason"]),
        (503, &json!("disk_full"))
    );
    let claims = http.get("/api/claims");
    assert_eq!(claims.status, 200, "{}", claims.body);
    let health = http.get("/api/health").body;
    assert!(health.to_string().contains("its disk is full"), "{health}");

    // Each refused call reports the error; the log has only the change of state.
    for n in 0..30 {
        assert_eq!(take(&format!("late-{n}")).status, 503);
    }
    let lines = service.stderr();
    let loud: Vec<&str> = lines
        .lines()
        .filter(|line| line.contains("\"warn\"") || line.contains("\"error\""))
        .filter(|line| {
            // What a start says, which may come late.
            let others = ["settings.warning", "database.", "authors.anyone"];
            !others.iter().any(|other| line.contains(other))
        })
        .collect();
    assert_eq!(loud.len(), 1, "{loud:#?}");
    assert!(loud[0].contains("store.unwritable"), "{loud:?}");

    the_operator_is_told_what_is_full(&site, &disk, &path, &address);

    std::fs::remove_file(&filler).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while http.get("/readyz").status != 200 {
        assert!(Instant::now() < deadline, "it does not recover");
        std::thread::sleep(Duration::from_millis(100));
    }
    let reply = take("bob");
    assert_eq!(reply.status, 200, "{}", reply.body);
    service.signal("TERM");
    service.wait_for_end(Duration::from_secs(10));
}

#[test]
fn a_log_file_on_a_full_disk_is_reported_once() {
    let Some(disk) = Disk::new("1m") else {
        skipped("this user may not mount a file system");
        return;
    };
    let site = Site::with_issues("acme/harbour", 1);
    let log = disk.path().join("log");
    let mut service = site
        .program(Program::Http)
        .env("LOG_FILE", log.to_str().unwrap())
        .start();
    let address = service.address();
    service.wait_until_logged("synced with GitHub", Duration::from_secs(30));
    let filler = disk.path().join("filler");
    assert!(std::fs::write(&filler, vec![0_u8; 4 << 20]).is_err());
    let stranger = Http::at(&address);
    let refused = || {
        let reply = stranger.send("GET", "/api/claims", &[], b"").unwrap();
        assert_eq!(reply.status, 401);
    };
    // The rest of the last page takes a few lines.
    for _ in 0..9 {
        refused();
    }
    let post = |n: usize| {
        let signature = [("x-hub-signature-256", "sha256=00")];
        stranger
            .send(
                "POST",
                "/api/webhooks/github",
                &signature,
                format!("{n}").as_bytes(),
            )
            .unwrap()
    };
    for n in 0..9 {
        assert_eq!(post(n).status, 401);
    }
    let told = service.wait_until_logged("LOG_FILE cannot be written", Duration::from_secs(10));
    assert_eq!(told["event"], "log.file_failed", "{told}");
    let lines = service.stderr();
    assert_eq!(lines.matches("log.file_failed").count(), 1, "{lines}");
    assert!(!lines.contains("Unable to write"), "{lines}");
}
