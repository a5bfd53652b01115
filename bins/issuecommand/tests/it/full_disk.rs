//! A disk that is full: what is said, what is still answered, and that it heals without a restart.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use issuecommand_testkit::machine::skipped;
use serde_json::json;

use crate::harness::{Http, Program, Site};

/// A small file system of its own, unmounted in the end.
struct Disk(tempfile::TempDir);

impl Disk {
    /// `None` where this user may not mount.
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

#[test]
fn a_full_disk_is_told_reads_go_on_and_it_heals() {
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
    let http = Http::at(service.address());
    let take = |agent: &str| http.post("/api/next", &json!({ "agent_id": agent }));
    assert_eq!(take("ann").status, 200);
    assert_eq!(http.get("/readyz").status, 200);

    let filler = disk.path().join("filler");
    let outcome = std::fs::write(&filler, vec![0_u8; 64 << 20]);
    assert!(outcome.is_err(), "the disk is not full");
    // What is left of the log may still take a few writes.
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

    std::fs::remove_file(&filler).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while http.get("/readyz").status != 200 {
        assert!(Instant::now() < deadline, "it does not heal");
        std::thread::sleep(Duration::from_millis(100));
    }
    let reply = take("bob");
    assert_eq!(reply.status, 200, "{}", reply.body);
    service.signal("TERM");
    service.wait_for_end(Duration::from_secs(10));
}
