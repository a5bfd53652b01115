//! A temporary server, and the shell process that ends it.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use uuid::Uuid;

use super::programs::Programs;

/// How durable its data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The default: committed data survives a power cut.
    Full,
    /// Faster: data survives only an end of the server.
    None,
}

/// The port in the name of its socket, independent of the environment.
const PORT: u16 = 5432;

/// Creates and starts the server, reports that, and waits until its input pipe is closed, which happens when the test process
/// ends in any way. Then it cleans up. It ignores the signals that a terminal sends to the process group.
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
            // A terminal sends signals to the whole process group.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut keeper = keeper.spawn().expect("a shell can be started");
        let mut said = BufReader::new(keeper.stdout.take().expect("it was piped"));
        let mut word = String::new();
        said.read_line(&mut word).expect("a pipe can be read");
        if word.trim() != "ready" {
            let mut rest = String::new();
            // The output is only for people.
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
        // The pipe may be readable before it is writable.
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
        // The result of the keeper does not matter.
        let _ = self.keeper.wait();
    }
}

/// A folder owned by that user, with a short name because socket paths are limited to about a hundred bytes.
pub(super) fn temporary_folder(user: Option<User>) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("pg-{}", Uuid::new_v4().simple()));
    std::fs::create_dir(&folder).expect("the temporary folder can be written");
    if let Some(user) = user {
        std::os::unix::fs::chown(&folder, Some(user.id), Some(user.group))
            .expect("root may give a folder away");
    }
    folder
}

/// The user that runs the server, because PostgreSQL refuses to run as root.
#[derive(Clone, Copy, Debug)]
pub(super) struct User {
    id: u32,
    group: u32,
}

impl User {
    /// `None` if the tests do not run as root.
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

/// A command run as that user, in a folder that every user may enter.
pub(super) fn command(program: impl AsRef<std::ffi::OsStr>, user: Option<User>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if let Some(user) = user {
        command.uid(user.id).gid(user.group);
    }
    command
}
