//! PgBouncer in transaction mode before a temporary server: two transactions of a client may use two connections, and one
//! connection serves many clients.

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::cluster::{User, command, temporary_folder};
use super::{Database, Server, programs};
use crate::machine::Program;

/// Runs it until its input pipe is closed, as the keeper of a server does.
const KEEPER: &str = r#"
trap '' HUP INT TERM
"$1" "$2/bouncer.ini" >"$2/log" 2>&1 &
cat >/dev/null
kill -9 $!
rm -rf "$2"
"#;

/// A PgBouncer that ends when it is dropped.
#[derive(Debug)]
pub struct PgBouncer {
    folder: PathBuf,
    keeper: Child,
}

impl PgBouncer {
    /// Starts one with so few server connections that clients must share them. `None` if PgBouncer is missing; then the test is
    /// skipped.
    ///
    /// # Panics
    /// If there is none and one is required, if it cannot be started, and if the server is not a temporary one.
    pub fn before(server: &Server) -> Option<Self> {
        let Some(program) = programs::pgbouncer() else {
            Program::PgBouncer.is_missing("there is no pgbouncer in the PATH or in /usr/sbin");
            return None;
        };
        let user = User::other_than_root();
        let folder = temporary_folder(user);
        let socket = server.socket();
        let place = socket.parent().expect("a socket stands in a folder");
        let settings = format!(
            "[databases]\n* = host={} port=5432 user=postgres\n[pgbouncer]\nlisten_addr =\nlisten_port = 6432\n\
             unix_socket_dir = {}\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 200\n",
            place.display(),
            folder.display()
        );
        std::fs::write(folder.join("bouncer.ini"), settings).expect("the folder can be written");
        let mut keeper = command("/bin/sh", user);
        keeper
            .args(["-c", KEEPER, "keeper"])
            .args([program, folder.clone()])
            .stdin(Stdio::piped());
        let bouncer = Self {
            keeper: keeper.spawn().expect("a shell can be started"),
            folder,
        };
        let begun = Instant::now();
        while !bouncer.folder.join(".s.PGSQL.6432").exists() {
            let log = || std::fs::read_to_string(bouncer.folder.join("log")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_mins(1), "{}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(bouncer)
    }

    /// The address of a database of that server through PgBouncer. Prepared statements are disabled in it.
    pub fn url(&self, database: &Database) -> String {
        format!(
            "postgres:///{}?host={}&port=6432&user=postgres&statement-cache-capacity=0",
            database.name,
            self.folder.display()
        )
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // The result of the keeper does not matter.
        let _ = self.keeper.wait();
    }
}
