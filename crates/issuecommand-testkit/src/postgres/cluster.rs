//! A throw-away server, and the shell beside it that ends it.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use uuid::Uuid;

use super::programs::Programs;

/// What of its data outlives what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// As a server is by itself: what was committed outlives a power cut.
    Full,
    /// Faster: it outlives the end of the server alone.
    None,
}

/// The port that names its socket, whatever the environment says.
const PORT: u16 = 5432;

/// Makes the server and starts it, says so, waits until the pipe that it reads from is closed, which is when the tests' process
/// has ended in whatever way, and clears up. It ignores the signals that a terminal sends to everybody.
const KEEPER: &str = r#"
trap '' HUP INT TERM
programs=$1; folder=$2; options=$3
clear_up() {
    "$programs/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1
    cd /
    rm -rf "$folder"
}
cd "$folder" || exit 1
if "$programs/initdb" -D data -U postgres -A trust -E UTF8 --locale=C --no-sync >log 2>&1 &&
    "$programs/pg_ctl" -w -t 120 -D "$folder/data" -l log -o "$options" start >>log 2>&1
then
    echo ready
else
    cat log
    clear_up
    exit 1
fi
cat >/dev/null
clear_up
"#;

#[derive(Debug)]
pub(super) struct Cluster {
    folder: PathBuf,
    pg_ctl: PathBuf,
    user: Option<User>,
    keeper: Child,
}

impl Cluster {
    pub(super) fn start(programs: &Programs, durability: Durability) -> Self {
        let user = User::other_than_root();
        let folder = temporary_folder(user);
        let mut options = format!(
            "-c listen_addresses='' -c port={PORT} -c unix_socket_directories='{}' -c max_connections=300 -c autovacuum_naptime=5s",
            folder.display()
        );
        if durability == Durability::None {
            options.push_str(" -c fsync=off -c synchronous_commit=off -c full_page_writes=off");
        }
        let mut keeper = command("/bin/sh", user);
        keeper
            .args(["-c", KEEPER, "keeper"])
            .args([programs.folder(), &folder])
            .arg(options)
            // A terminal's signals go to the group of what it runs.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut keeper = keeper.spawn().expect("a shell can be started");
        let mut said = BufReader::new(keeper.stdout.take().expect("it was piped"));
        let mut word = String::new();
        said.read_line(&mut word).expect("a pipe can be read");
        if word.trim() != "ready" {
            let mut rest = String::new();
            // What can be read of it is for people alone.
            let _ = said.read_to_string(&mut rest);
            panic!("PostgreSQL could not be started: {word}{rest}");
        }
        Self {
            folder,
            pg_ctl: programs.pg_ctl(),
            user,
            keeper,
        }
    }

    pub(super) fn url(&self) -> String {
        format!(
            "postgres:///postgres?host={}&port={PORT}&user=postgres",
            self.folder.display()
        )
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.folder.join(format!(".s.PGSQL.{PORT}"))
    }

    pub(super) fn restart(&self) {
        let done = command(&self.pg_ctl, self.user)
            .args(["-w", "-t", "120", "-m", "fast", "-D"])
            .arg(self.folder.join("data"))
            .arg("-l")
            .arg(self.folder.join("log"))
            .arg("restart")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        let done = done.expect("pg_ctl can be started");
        assert!(done.success(), "PostgreSQL did not come back: {done}");
    }

    pub(super) fn restore(&self) {
        let data = self.folder.join("data");
        let settings = data.join("postgresql.auto.conf");
        let mut text = std::fs::read_to_string(&settings).expect("a server has its settings");
        text.push_str("restore_command = '/bin/false'\n");
        std::fs::write(&settings, text).expect("the tests may write there");
        std::fs::write(data.join("recovery.signal"), "").expect("the tests may write there");
        self.restart();
        // It may be read from before it may be written to.
        for _ in 0..1_200 {
            if !data.join("recovery.signal").exists() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("PostgreSQL did not end its recovery");
    }

    pub(super) fn process(&self) -> u32 {
        let file = std::fs::read_to_string(self.folder.join("data/postmaster.pid"));
        let file = file.expect("a running server has its pid file");
        let first = file.lines().next().and_then(|line| line.parse().ok());
        first.expect("the first line is the process")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // However the keeper ended, there is no more to do about it.
        let _ = self.keeper.wait();
    }
}

/// A folder of that user's own, by a short name: sockets have room for about a hundred bytes.
pub(super) fn temporary_folder(user: Option<User>) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("pg-{}", Uuid::new_v4().simple()));
    std::fs::create_dir(&folder).expect("the temporary folder can be written");
    if let Some(user) = user {
        std::os::unix::fs::chown(&folder, Some(user.id), Some(user.group))
            .expect("root may give a folder away");
    }
    folder
}

/// Who runs the server: PostgreSQL refuses to be run by root.
#[derive(Clone, Copy, Debug)]
pub(super) struct User {
    id: u32,
    group: u32,
}

impl User {
    /// `None` where the tests are not run by root.
    pub(super) fn other_than_root() -> Option<Self> {
        if id(&["-u"]) != Some(0) {
            return None;
        }
        let known = ["postgres", "nobody"].into_iter().find_map(|name| {
            Some(Self {
                id: id(&["-u", name])?,
                group: id(&["-g", name])?,
            })
        });
        Some(known.expect("as root PostgreSQL needs another user to run as: postgres or nobody"))
    }
}

fn id(args: &[&str]) -> Option<u32> {
    let said = Command::new("id").args(args).output().ok()?;
    String::from_utf8(said.stdout).ok()?.trim().parse().ok()
}

/// A command as that user, from a folder that everybody may enter.
pub(super) fn command(program: impl AsRef<std::ffi::OsStr>, user: Option<User>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if let Some(user) = user {
        command.uid(user.id).gid(user.group);
    }
    command
}
